import { type Column, type Query, type QueryEnd } from './locked-database.js';

/** What a process is started with, as JSON in its first argument. */
export interface ChildSettings {
  memoryBytes: number;
  threads: number;
}

export type Ask = Query & { file: string };

/** To the process. It answers `ask` by `columns`, any number of `rows`, and one `end`; never more than one is under way. */
export type ToChild = { ask: Ask } | { cancel: true };

/** From the process. */
export type FromChild =
  | { ready: true }
  | { columns: Column[] }
  | { rows: unknown[][] }
  | { end: QueryEnd | { kind: 'unopened'; type: string } };

/** The channel is this file descriptor: standard output is nobody's, so that no library can write into it. */
export const CHANNEL_FD = 3;
