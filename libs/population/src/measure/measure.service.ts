import { createHash } from 'node:crypto';
import { parsePositions } from '@chartledger/ledger';
import { BadRequestError, FhirError, NotFoundError, type Actor, type Clock } from '@chartledger/platform';
import { SYSTEM, type RecordReader, type Source, type SourceDirectory } from '@chartledger/records';
import { type Outcome, type Submission } from '@chartledger/sequence';
import { type Tokens } from '@chartledger/security';
import { untimed, type TimeQuestion } from '../population-metrics.js';
import { checkPackage } from './check-package.js';
import { compositePlans, listsPeople } from './composite-tally.js';
import { type Definitions, type FoundPackage } from './definitions.js';
import { type EvaluateRequest, type SubjectName } from './evaluate-request.js';
import { LogicError } from './logic-error.js';
import {
  prepareEvaluation,
  type EvaluatedPopulation,
  type EvaluatedSubject,
  type FreshSubject,
  type PopulationEvaluation,
  type Prepared,
} from './evaluation.js';
import { type ForgetResults } from './forget-results.js';
import { type KeptResults } from './kept-results.js';
import {
  formatPositions,
  individualReport,
  populationReport,
  subjectLists,
  type ReportFrame,
} from './measure-report.js';
import { basisPositions, idOf, reportBasis, type ReportBasis } from './report-basis.js';
import { ReportStore, type NewReport, type StoredReport } from './report-store.js';
import { isComposite } from './resources.js';
import { type SeriesRequest } from './series-request.js';
import { summarize, type Summary } from './summary.js';
import { type Subject } from './subjects.js';

/** A report for each of so many, at most: each is an entry of the ledger. */
export const MAX_INDIVIDUAL_REPORTS = 500;

export interface MeasureParts {
  definitions: Definitions;
  evaluation: PopulationEvaluation;
  kept: KeptResults;
  reader: RecordReader;
  sources: SourceDirectory;
  tokens: Tokens;
  submit: (submission: Submission) => Promise<Outcome>;
  clock: Clock;
  /** Where keys can be destroyed while it runs. */
  forgetting?: Pick<ForgetResults, 'during'>;
  time?: TimeQuestion;
}

/** The numbers of a report, computed and not stored. */
export interface ComputedReport {
  basis: ReportBasis;
  summary: Summary;
  evaluated: number;
  /** SHA-256 over the results, subject by subject. */
  results: string;
}

/** Evaluates measures and keeps what comes out as entries of the ledger (http://hl7.org/fhir/R4/measure-operation-evaluate-measure.html). */
export class MeasureService {
  private readonly reports: ReportStore;

  constructor(private readonly parts: MeasureParts) {
    this.reports = new ReportStore(parts.kept, parts.reader, parts.submit);
  }

  /**
   * The reports that answer a request: one, or one for each subject. Asked again on the same basis it gives the same.
   * @throws FhirError (422) with the places of what is wrong with the measure, NotFoundError, BadRequestError.
   */
  evaluate(actor: Actor, request: EvaluateRequest, requestId: string): Promise<StoredReport[]> {
    const { forgetting, time = untimed } = this.parts;
    const work = (): Promise<StoredReport[]> => this.evaluateNow(actor, request, requestId);
    return time('evaluate-measure', () => forgetting?.during(work) ?? work());
  }

  private async evaluateNow(actor: Actor, request: EvaluateRequest, requestId: string): Promise<StoredReport[]> {
    const found = await this.parts.definitions.find(actor, request.measure);
    const prepared = prepare(found, request);
    const population = await this.population(actor, prepared, request);
    if (request.subject && population.subjects.length === 0)
      throw new NotFoundError('there is no such subject as of then: check its source and id');
    const positions = basisPositions(population.positions, population.personsChanged, found);
    if (request.reportType === 'individual')
      return this.individuals(actor, found, prepared, request, population, positions, requestId);
    const basis = reportBasis(
      found,
      prepared.key,
      positions,
      request,
      request.subject && population.subjects[0].subject.name,
    );
    const id = idOf(this.parts.tokens, JSON.stringify(basis));
    const summary = summarize(
      found.measurePackage,
      population.subjects.map(({ result }) => result),
    );
    const lists =
      request.reportType === 'subject-list'
        ? subjectLists(
            found.measurePackage,
            population.subjects.map(({ subject, result }) => ({ subject: subject.name, result })),
          )
        : undefined;
    const report = populationReport(this.frame(id, basis, found, population.subjects.length), summary, lists);
    const decision = { ...basis, subjects: population.subjects.length, results: resultsHash(population.subjects) };
    await this.reports.store(
      actor,
      id,
      [{ id, report, decision, results: population.subjects.map((one) => one.id) }],
      requestId,
    );
    return [await this.reports.read(actor, id, basis.basis)];
  }

  /** The reports of a series, one for each of its moments, in order. @throws as `evaluate`. */
  async series(actor: Actor, { points }: SeriesRequest, requestId: string): Promise<StoredReport[]> {
    const reports: StoredReport[] = [];
    for (const point of points) reports.push(...(await this.evaluate(actor, point, requestId)));
    return reports;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.parts.clock.now();
  }

  /**
   * The numbers of a report of before, computed again from its basis: they MUST be the same. Which records they are read
   * from is kept again where it was lost. @throws NotFoundError.
   */
  async recompute(
    actor: Actor,
    reportId: string,
  ): Promise<{ stored: ReportBasis & { results?: string }; computed: ComputedReport }> {
    const { value } = await this.parts.reader.read(actor, { source: SYSTEM, type: 'MeasureReport', id: reportId });
    const stored = value.opened.content?.header.decision as (ReportBasis & { results?: string }) | undefined;
    if (!stored) throw new NotFoundError('the report names no basis from which it could be computed again');
    const found = await this.parts.definitions.at(
      actor,
      stored.definitions.map(({ seq }) => seq),
    );
    const prepared = prepareEvaluation(found.measurePackage, stored.period);
    const subject = stored.subject === undefined ? undefined : (one: Subject) => one.name === stored.subject;
    const population = await this.parts.evaluation.evaluate(actor, prepared, {
      sources: await this.sourcesNamed(stored.sources ?? []),
      asOf: stored.basis,
      isMeant: subject,
    });
    await this.parts.kept.keepReport(
      reportId,
      population.subjects.map(({ id }) => id),
    );
    const summary = summarize(
      found.measurePackage,
      population.subjects.map(({ result }) => result),
    );
    return {
      stored,
      computed: { basis: stored, summary, evaluated: population.evaluated, results: resultsHash(population.subjects) },
    };
  }

  private async population(actor: Actor, prepared: Prepared, request: EvaluateRequest): Promise<EvaluatedPopulation> {
    const sources = await this.sourcesNamed(request.sources);
    const named = request.asOf === undefined ? undefined : parsePositions(request.asOf);
    if (named && sources.length > 0 && !sources.some(({ chain }) => named.has(chain)))
      throw new BadRequestError('the positions asked for name no chain on which a source that is asked for stands');
    try {
      return await this.parts.evaluation.evaluate(actor, prepared, {
        sources,
        asOf: request.asOf,
        isMeant: request.subject && ((subject) => isNamed(subject, request.subject!)),
      });
    } catch (error) {
      if (error instanceof LogicError)
        throw FhirError.of(422, 'processing', error.message, `Library ${error.library}: ${error.expression}`);
      throw error;
    }
  }

  private async individuals(
    actor: Actor,
    found: FoundPackage,
    prepared: Prepared,
    request: EvaluateRequest,
    population: EvaluatedPopulation,
    positions: Map<number, number>,
    requestId: string,
  ): Promise<StoredReport[]> {
    const subjects = population.subjects.map(({ subject }) => subject);
    if (subjects.length > MAX_INDIVIDUAL_REPORTS) {
      throw FhirError.of(
        422,
        'too-costly',
        `there are ${subjects.length} subjects, and reports are made for ${MAX_INDIVIDUAL_REPORTS} at a time: name a subject or a source, or ask for reportType subject-list`,
        'reportType',
      );
    }
    const fresh: FreshSubject[] = [];
    await this.parts.evaluation.each(actor, prepared, subjects, population.positions, (batch) => fresh.push(...batch));
    fresh.sort((a, b) => (a.subject.name < b.subject.name ? -1 : 1));
    const reports = fresh.map((one) => this.individual(one, found, prepared, request, positions));
    if (reports.length === 0) return [];
    const submission = idOf(this.parts.tokens, 'individual', ...reports.map(({ id }) => id));
    await this.reports.store(actor, submission, reports, requestId);
    const text = formatPositions(positions);
    return Promise.all(reports.map(({ id }) => this.reports.read(actor, id, text)));
  }

  private individual(
    { subject, id: resultId, result, records, evaluated }: FreshSubject,
    found: FoundPackage,
    prepared: Prepared,
    request: EvaluateRequest,
    positions: Map<number, number>,
  ): NewReport {
    const basis = reportBasis(found, prepared.key, positions, request, subject.name);
    const id = idOf(this.parts.tokens, JSON.stringify(basis));
    const frame = { ...this.frame(id, basis, found, 1), subject: subject.name };
    const touched = evaluated.touched.map((place) => records.places[place]);
    const report = individualReport(frame, summarize(found.measurePackage, [result]), touched, evaluated.supplemental);
    const results = resultsHash([{ subject, id: resultId, result }]);
    return { id, report, decision: { ...basis, subjects: 1, results }, results: [resultId] };
  }

  private frame(id: string, basis: ReportBasis, { measurePackage }: FoundPackage, subjects: number): ReportFrame {
    const { reportType: type, period, basis: positions } = basis;
    return {
      id,
      type,
      measurePackage,
      period,
      positions,
      date: new Date(this.parts.clock.now()).toISOString(),
      subjects,
    };
  }

  private async sourcesNamed(names: readonly string[]): Promise<Source[]> {
    if (names.length === 0) return this.parts.sources.all();
    return Promise.all([...new Set(names)].map((name) => this.parts.sources.get(name)));
  }
}

function prepare({ measurePackage }: FoundPackage, { period, reportType }: EvaluateRequest): Prepared {
  const issues = checkPackage(measurePackage);
  if (issues.length > 0) throw new FhirError(422, issues);
  if (
    reportType === 'subject-list' &&
    isComposite(measurePackage.measure) &&
    !compositePlans(measurePackage).every(listsPeople)
  )
    throw FhirError.of(
      400,
      'not-supported',
      'a composite measure of linear or weighted scoring counts parts, not people: ask for the lists of its components',
      'reportType',
    );
  return prepareEvaluation(measurePackage, period);
}

function isNamed({ name, members }: Subject, asked: SubjectName): boolean {
  return asked.kind === 'person'
    ? name === `Person/${asked.id}`
    : members.some(({ source, patient }) => source === asked.source && patient === asked.id);
}

/** What the numbers are made of, as one hash: computed again from the same basis it is the same. */
function resultsHash(subjects: readonly EvaluatedSubject[]): string {
  const hash = createHash('sha256');
  for (const { subject, result } of subjects)
    hash.update(subject.name).update('\0').update(JSON.stringify(result)).update('\0');
  return hash.digest('hex');
}
