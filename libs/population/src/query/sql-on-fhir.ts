import { type Ledger } from '@chartledger/ledger';
import { FhirError, type Actor } from '@chartledger/platform';
import { type Project } from '../deidentify/deidentification.js';
import { readProject, type Projects } from '../deidentify/projects.js';
import { headPositions, positionsAt } from './moments.js';
import { type PatientScope } from './patient-scope.js';
import { listed, type ExportState, type Population, type SqlAnswer, type SqlQuestion } from './population.js';
import { untimed, type TimeQuestion } from '../population-metrics.js';
import { type PopulationStatus } from '../live/status.js';
import { type Format, type SqlRequest } from './sql-request.js';

const INSTANT = /^\d{4}-\d\d-\d\dT/;

/** The operations of SQL on FHIR, where requests come in: what they name is looked up, and the views' thread asked. */
export class SqlOnFhir {
  constructor(
    private readonly population: Population,
    private readonly ledger: Ledger,
    private readonly chains: readonly number[],
    private readonly scope: PatientScope,
    private readonly projects: Projects,
    private readonly time: TimeQuestion = untimed,
  ) {}

  async run(actor: Actor, request: SqlRequest, format: Format, requestId: string): Promise<SqlAnswer> {
    return this.time('sql-run', async () =>
      this.population.run(await this.question(actor, request, format, requestId)),
    );
  }

  async startExport(actor: Actor, request: SqlRequest, format: Format, requestId: string): Promise<string> {
    return this.time('sql-export', async () =>
      this.population.startExport(await this.question(actor, request, format, requestId)),
    );
  }

  /** @throws BadRequestError; ChartledgerError (409). */
  recordProject(actor: Actor, body: unknown, requestId: string): Promise<{ project: Project; created: boolean }> {
    return this.projects.record(actor, readProject(body), requestId);
  }

  exportState(_actor: Actor, id: string): Promise<ExportState | undefined> {
    return this.population.exportState(id);
  }

  cancelExport(_actor: Actor, id: string): Promise<boolean> {
    return this.population.cancelExport(id);
  }

  status(_actor: Actor): Promise<PopulationStatus> {
    return this.population.status();
  }

  /** @returns the path of the manifest. */
  async publish(_actor: Actor): Promise<string> {
    return this.population.publish(listed(await headPositions(this.ledger, this.chains)));
  }

  rebuild(_actor: Actor): Promise<void> {
    return this.population.rebuild();
  }

  private async question(actor: Actor, request: SqlRequest, format: Format, requestId: string): Promise<SqlQuestion> {
    const name = request.project;
    const project = name === undefined ? undefined : (await this.projects.record(actor, { name }, requestId)).project;
    const heads = await headPositions(this.ledger, this.chains);
    const asOf = request.asOf === undefined ? undefined : await positionsAt(this.ledger, heads, request.asOf);
    if (request.since !== undefined && !INSTANT.test(request.since)) {
      throw FhirError.of(400, 'invalid', '_since must be an instant, such as 2026-01-31T08:00:00Z', '_since');
    }
    const since = request.since === undefined ? undefined : await positionsAt(this.ledger, heads, request.since);
    const patients = await this.scope.resolve(actor, request, asOf);
    return {
      request,
      format,
      until: listed(heads),
      ...(asOf ? { asOf: listed(asOf) } : {}),
      ...(since ? { since: listed(since) } : {}),
      ...(patients ? { patients } : {}),
      ...(project ? { project } : {}),
    };
  }
}
