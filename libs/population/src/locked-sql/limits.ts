/** What one query may cost. */
export interface QueryLimits {
  /** From the start of the query until its last row was read: a reader who does not read holds a process up as well. */
  seconds: number;
  rows: number;
  /** Of the rows as JSON. */
  bytes: number;
  columns: number;
}

export const DEFAULT_LIMITS: QueryLimits = {
  /** A group-by over ten million rows takes about a second; what takes longer than this will not end soon. */
  seconds: 30,
  /** More rows than a person reads; exports are made in another way. */
  rows: 100_000,
  bytes: 64 * 1024 * 1024,
  /** DuckDB takes many more, but a chunk of so many columns fills the memory of the process that turns it into JSON. */
  columns: 1_000,
};

/** A query is written by a person or a tool; this is ten times the longest of TPC-DS. */
export const MAX_SQL_BYTES = 64 * 1024;

/** How long a query that was interrupted may take to end before its process is killed. Most end within milliseconds. */
export const GRACE_MS = 500;

/** What all queries together may cost. */
export interface PoolOptions {
  /** Processes, and so queries at once. */
  children: number;
  /** Of these, how many may work for one file, so that no project can keep the others out. */
  childrenPerFile: number;
  /** Queries that wait for a process. */
  waiting: number;
  /** DuckDB's memory limit in each process; the process itself gets `OVERHEAD_BYTES` more. */
  memoryBytes: number;
  /** Threads of DuckDB in each process. */
  threads: number;
  /** After so many queries a process is replaced, so that what an allocator keeps does not add up. */
  queriesPerChild: number;
}

export const DEFAULT_POOL: PoolOptions = {
  children: 3,
  childrenPerFile: 2,
  waiting: 32,
  memoryBytes: 512 * 1024 * 1024,
  threads: 2,
  queriesPerChild: 200,
};

/** Node and DuckDB take 136 MB before the first query; the rest is for strings, which DuckDB's limit does not count, and JSON. */
export const OVERHEAD_BYTES = 320 * 1024 * 1024;

/** Address space that is reserved and not used, mostly by V8. Measured: 1.1 GB. */
export const RESERVED_BYTES = 2_560 * 1024 * 1024;

/** The JavaScript heap of a process, which holds a syntax tree and some rows. */
export const HEAP_MEBIBYTES = 128;
