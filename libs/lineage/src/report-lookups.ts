import { type Actor } from '@chartledger/platform';

/** An entry of the ledger. */
export interface EntryPlace {
  chain: number;
  seq: number;
}

/** Whom a report counts: by a key that names nobody, and the entries that its logic read of them. */
export interface CountedSubject {
  result: string;
  touched: EntryPlace[];
}

/** What the reports of measures were made of, which is kept beside their results. */
export interface ReportLookups {
  /** The subjects of a report, by key, up to `limit`; the page after begins after the last one's. */
  subjectsOf(actor: Actor, report: string, limit: number, after?: string): Promise<CountedSubject[]>;

  /** For each entry the ids of the reports that its version was read for, up to `limit` in all. */
  reportsOf(actor: Actor, entries: readonly EntryPlace[], limit: number): Promise<string[][]>;
}
