import { type Positions } from '@chartledger/ledger';
import { type Deidentified, type Project } from '../deidentify/deidentification.js';
import { type PopulationGauges } from '../live/gauges.js';
import { type PopulationStatus } from '../live/status.js';
import { type Format, type SqlRequest } from './sql-request.js';

/** Positions as they cross threads. */
export type PositionList = readonly (readonly [chain: number, seq: number])[];

/** A request whose names of patients, groups and moments were looked up. */
export interface SqlQuestion {
  request: SqlRequest;
  format: Format;
  /** What the answer must include at least: everything that was acknowledged. */
  until: PositionList;
  asOf?: PositionList;
  since?: PositionList;
  /** `source/Patient/id`; undefined: all. */
  patients?: readonly string[];
  /** Who asks is a project: the answer is de-identified. Undefined: it is as the records are. */
  project?: Project;
}

/** An answer in a file, which who asked removes. */
export interface SqlAnswer {
  file: string;
  bytes: number;
  mediaType: string;
  positions: PositionList;
  deidentified?: Deidentified;
}

/** How an export stands. */
export interface ExportState {
  id: string;
  state: 'running' | 'done' | 'failed';
  clientTrackingId?: string;
  format: Format;
  startedMs: number;
  endedMs?: number;
  /** Subjects that are done, of how many. */
  done: number;
  total: number;
  positions?: PositionList;
  outputs?: { name: string; file: string; mediaType: string; deidentified?: Deidentified }[];
  /** Why it failed, as issues of an OperationOutcome and their status. */
  failure?: { status: number; issues: { severity: 'error'; code: string; diagnostics: string }[] };
}

/** A view as counting and others who write SQL of their own need it. */
export interface ViewShape {
  id: string;
  name: string;
  version: number;
  columns: { name: string; type: string }[];
}

/** A statement of our own over views, each under a name of its own and as of positions of its own. */
export interface TrustedStatement {
  relations: readonly { name: string; view: string; asOf?: PositionList }[];
  sql: string;
  parameters: readonly (string | number | bigint | boolean | null)[];
  until: PositionList;
}

/** What population health can be asked, in the thread that keeps the views or from another. */
export interface Population {
  status(): Promise<PopulationStatus>;
  /** The same in numbers. */
  gauges(): Promise<PopulationGauges>;
  /** @throws FhirError. */
  run(question: SqlQuestion): Promise<SqlAnswer>;
  /** Checks it whole, then works on. @returns its id. @throws FhirError. */
  startExport(question: SqlQuestion): Promise<string>;
  /** Undefined where there is none of that id. */
  exportState(id: string): Promise<ExportState | undefined>;
  /** Ends it and removes its files. False where there is none. */
  cancelExport(id: string): Promise<boolean>;
  /** By name or id; undefined where there is none that is kept. */
  view(name: string, until: PositionList): Promise<ViewShape | undefined>;
  query(statement: TrustedStatement): Promise<{ rows: Record<string, unknown>[]; positions: PositionList }>;
  /** Writes the views as Parquet; see docs/population-parquet.md. @returns the manifest's file. */
  publish(until: PositionList): Promise<string>;
  /** Makes every view anew from the ledger, beside those that are read. */
  rebuild(): Promise<void>;
}

export function listed(positions: Positions): PositionList {
  return [...positions];
}
