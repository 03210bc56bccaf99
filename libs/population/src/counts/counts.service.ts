import { BadRequestError, ChartledgerError, NotFoundError, UnavailableError, type Actor } from '@chartledger/platform';
import { untimed, type TimeQuestion } from '../population-metrics.js';
import { type CountsAnswer } from './answer.js';
import { type AskedQuestions } from './asked-questions.js';
import { type Count, type CountTask } from './count-question.js';
import { countStatement } from './counts.sql.js';
import { type AskedQuestion, type Project } from './question.js';
import { readRequest, toQuestion, type CountsRequest } from './read-question.js';
import { type ViewQueries } from './view-queries.js';

/** Of Medicare's rule for what is published about patients (CMS cell size suppression policy): no cell of 1 to 10. */
export const LEAST_THRESHOLD = 11;
/** Questions of a project that told something. Each is scanned again for each later one. */
const MAX_ASKED = 50;
/** Rows of patients with the same values. More are more than a small table is about. */
const MAX_ROWS = 200_000;
/** Of questions of one project that are asked at once. */
const MAX_ATTEMPTS = 5;

/** Counts of distinct patients or persons, in which nobody is told of fewer than the threshold, however often they ask. */
export class CountsService {
  constructor(
    private readonly views: ViewQueries,
    private readonly asked: AskedQuestions,
    private readonly count: Count,
    private readonly leastThreshold = LEAST_THRESHOLD,
    private readonly time: TimeQuestion = untimed,
  ) {
    if (!Number.isInteger(leastThreshold) || leastThreshold < LEAST_THRESHOLD)
      throw new RangeError(`the least threshold must be a whole number from ${LEAST_THRESHOLD} on`);
  }

  /** @throws BadRequestError, NotFoundError; ChartledgerError (409) for what the project's earlier questions forbid. */
  counts(_actor: Actor, body: unknown): Promise<CountsAnswer> {
    return this.time('counts', () => this.answer(body));
  }

  private async answer(body: unknown): Promise<CountsAnswer> {
    const request = readRequest(body, this.leastThreshold);
    const view = await this.views.view(request.view);
    if (!view) throw new NotFoundError('there is no view of this name: register a ViewDefinition first');
    const question = toQuestion(request, view.version, view.columns);
    const positions = await this.views.positions(request.asOf);
    const project = await this.projectOf(request);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const before = await this.asked.answered(project, question, positions);
      if (before) return before;
      const all = await this.asked.all(project);
      const asked = all.filter(({ hidden }) => hidden.includes('0'));
      await this.checkAsked(asked);
      const rows = await this.rows({ question, project, positions, asked });
      const result = await this.count({ question, project, positions, asked, rows });
      if (await this.asked.add(project, all.length, result.asked, result.answer)) return result.answer;
    }
    throw new UnavailableError('too many questions of this project are asked at once: ask again');
  }

  private async projectOf({ project: name, of, threshold }: CountsRequest): Promise<Project> {
    const project = await this.asked.project({ name, unit: of, threshold: threshold ?? this.leastThreshold });
    if (project.unit !== of)
      throw conflict(`the project counts ${project.unit}s: the difference of the two would tell; use another project`);
    if ((threshold !== undefined && threshold !== project.threshold) || project.threshold < this.leastThreshold)
      throw conflict(
        `the project hides counts under ${project.threshold}, as it did from its first question on: use another project`,
      );
    return project;
  }

  /** @throws ChartledgerError where a question cannot be held against those that were answered. */
  private async checkAsked(asked: readonly AskedQuestion[]): Promise<void> {
    if (asked.length >= MAX_ASKED)
      throw conflict(
        `the project has been answered ${MAX_ASKED} questions, against which each new one is held: use another project`,
      );
    for (const { question } of asked) {
      const view = await this.views.view(question.view);
      if (view?.version !== question.version)
        throw conflict(
          'a view that the project asked about was changed or removed since, so its answers cannot be held against new ones: use another project',
        );
    }
  }

  private async rows({ question, project, positions, asked }: Omit<CountTask, 'rows'>): Promise<CountTask['rows']> {
    const rows = await this.views.query(countStatement([{ question, positions }, ...asked], project.unit, MAX_ROWS));
    if (rows.length <= MAX_ROWS) return rows;
    throw new BadRequestError(
      `the question, together with the project's earlier ones, tells more than ${MAX_ROWS} kinds of patients apart: use fewer or coarser dimensions, or another project`,
    );
  }
}

function conflict(message: string): ChartledgerError {
  return new ChartledgerError('conflict', 409, message);
}
