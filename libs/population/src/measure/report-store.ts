import { FhirError, type Actor } from '@chartledger/platform';
import { SYSTEM, type RecordReader } from '@chartledger/records';
import { systemSubmission, type Outcome, type Submission, type SystemChange } from '@chartledger/sequence';
import { type KeptResults } from './kept-results.js';

/** A stored MeasureReport, as it is served. */
export interface StoredReport {
  id: string;
  text: Buffer;
  /** `chain:seq` of each chain that the numbers stand on. */
  positions: string;
}

export interface NewReport {
  id: string;
  report: object;
  decision: object;
  /** Ids of the kept results that it is made of. */
  results: string[];
}

/** MeasureReports as entries of the ledger. */
export class ReportStore {
  constructor(
    private readonly kept: KeptResults,
    private readonly reader: RecordReader,
    private readonly submit: (submission: Submission) => Promise<Outcome>,
  ) {}

  /** Writes reports in one submission; those that are there already stay. @param submission its id. */
  async store(actor: Actor, submission: string, reports: readonly NewReport[], requestId: string): Promise<void> {
    for (const { id, results } of reports) await this.kept.keepReport(id, results);
    const changes = reports.map(({ id, report, decision }): SystemChange => ({
      type: 'MeasureReport',
      id,
      resource: report,
      kind: 'population.result',
      decision,
      mustBeNew: true,
    }));
    try {
      await this.submit(systemSubmission({ actor, id: submission, requestId, changes }));
    } catch (error) {
      // Each of them stands on its basis alone: that it is there already means that it is the same.
      if (!(error instanceof FhirError) || error.status !== 412) throw error;
      if (reports.length > 1) for (const report of reports) await this.store(actor, report.id, [report], requestId);
    }
  }

  /** @param positions that its numbers stand on. @throws NotFoundError. */
  async read(actor: Actor, id: string, positions: string): Promise<StoredReport> {
    const { value } = await this.reader.read(actor, { source: SYSTEM, type: 'MeasureReport', id });
    return { id, text: value.body!, positions };
  }
}
