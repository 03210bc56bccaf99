import { BadRequestError, ChartledgerError, FhirError, NotFoundError, type Actor } from '@chartledger/platform';
import { SYSTEM, type RecordReader } from '@chartledger/records';
import { type Tokens } from '@chartledger/security';
import { systemSubmission, type Outcome, type Submission } from '@chartledger/sequence';
import { idOf } from '../measure/report-basis.js';
import { type Project } from './deidentification.js';

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** What Safe Harbor asks for. */
const DEFAULT_DATES = 'year';
const EXTENSION = 'https://chartledger.dev/fhir/StructureDefinition/deidentified-dates';
/** The first version is what was chosen; no later one counts. */
const FIRST_VERSION = 1;
/** Projects that are remembered: what one is never changes. */
const MAX_KNOWN = 1_000;

/** @throws FhirError (400). */
export function projectName(name: string, expression: string): string {
  if (NAME.test(name)) return name;
  throw FhirError.of(400, 'invalid', 'a project is 1 to 64 lower-case letters, digits and hyphens', expression);
}

/** @throws BadRequestError. */
export function readProject(body: unknown): { name: string; dates?: Project['dates'] } {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new BadRequestError('send {"name": …, "dates": "year" or "shift"} as JSON');
  const { name, dates, ...others } = body as Record<string, unknown>;
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw new BadRequestError(`a project has name and dates, and no ${JSON.stringify(other.slice(0, 40))}`);
  if (typeof name !== 'string' || !NAME.test(name))
    throw new BadRequestError('name must be 1 to 64 lower-case letters, digits and hyphens');
  if (dates !== undefined && dates !== 'year' && dates !== 'shift')
    throw new BadRequestError('dates must be year or shift');
  return { name, ...(dates ? { dates } : {}) };
}

/**
 * The projects, each a ResearchStudy of the system's own source: an entry of the ledger. How its dates are shown is chosen
 * before its first question, which records the default, and never changes: both together would tell more than either.
 */
export class Projects {
  private known = new Map<string, Project>();

  constructor(
    private readonly reader: RecordReader,
    private readonly tokens: Tokens,
    private readonly submit: (submission: Submission) => Promise<Outcome>,
  ) {}

  /**
   * The project as it is recorded, and whether it was recorded now.
   * @throws ChartledgerError (409) where it is recorded with other dates.
   */
  async record(
    actor: Actor,
    { name, dates }: { name: string; dates?: Project['dates'] },
    requestId: string,
  ): Promise<{ project: Project; created: boolean }> {
    const before = await this.find(actor, name);
    if (before) return { project: same(before, dates), created: false };
    await this.create(actor, { name, dates: dates ?? DEFAULT_DATES }, requestId);
    // Two may have recorded it at once: the first entry counts.
    return { project: same((await this.find(actor, name))!, dates), created: true };
  }

  private async find(actor: Actor, name: string): Promise<Project | undefined> {
    const known = this.known.get(name);
    if (known) return known;
    const key = { source: SYSTEM, type: 'ResearchStudy', id: name };
    try {
      const { value } = await this.reader.readVersion(actor, key, FIRST_VERSION);
      const project = projectOf(name, JSON.parse(value.body!.toString('utf8')));
      if (this.known.size >= MAX_KNOWN) this.known = new Map();
      this.known.set(name, project);
      return project;
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  private async create(actor: Actor, project: Project, requestId: string): Promise<void> {
    const { name, dates } = project;
    const resource = {
      resourceType: 'ResearchStudy',
      id: name,
      extension: [{ url: EXTENSION, valueCode: dates }],
      title: name,
      status: 'active',
    };
    const changes = [{ type: 'ResearchStudy', id: name, resource, mustBeNew: true }];
    try {
      await this.submit(systemSubmission({ actor, id: idOf(this.tokens, 'project', name, dates), requestId, changes }));
    } catch (error) {
      if (!(error instanceof FhirError) || error.status !== 412) throw error;
    }
  }
}

/** What does not say anything else shows years. */
function projectOf(name: string, study: { extension?: { url?: unknown; valueCode?: unknown }[] }): Project {
  const dates = study.extension?.find(({ url }) => url === EXTENSION)?.valueCode;
  return { name, dates: dates === 'shift' ? 'shift' : 'year' };
}

function same(recorded: Project, dates: Project['dates'] | undefined): Project {
  if (dates === undefined || dates === recorded.dates) return recorded;
  throw new ChartledgerError(
    'conflict',
    409,
    `the project shows dates by ${recorded.dates}, as it did from the first on, since both would tell more than either: use another project`,
  );
}
