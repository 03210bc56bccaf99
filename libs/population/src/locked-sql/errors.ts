import { FhirError } from '@chartledger/platform';
import { type QueryLimits } from './limits.js';
import { describeProblem, type Problem } from './problem.js';

/** The query was not run. */
export class SqlRefusedError extends FhirError {
  constructor(
    sql: string,
    readonly problems: readonly Problem[],
  ) {
    super(
      400,
      problems.map((problem) => ({
        severity: 'error',
        code: problem.kind === 'table' || problem.kind === 'function' ? 'forbidden' : 'invalid',
        diagnostics: describeProblem(sql, problem),
      })),
    );
  }
}

/** The query was run and failed by its own fault, on its data. */
export class SqlFailedError extends FhirError {
  constructor(message: string) {
    super(422, [{ severity: 'error', code: 'processing', diagnostics: message }]);
  }
}

export type Limit = keyof QueryLimits | 'memory';

/** The query was ended because it took more than it may. Rows that were read before stand, and are not all there are. */
export class SqlLimitError extends FhirError {
  constructor(
    readonly limit: Limit,
    limits: QueryLimits,
  ) {
    super(422, [
      { severity: 'error', code: limit === 'seconds' ? 'timeout' : 'too-costly', diagnostics: WORDS[limit](limits) },
    ]);
  }
}

const WORDS: Readonly<Record<Limit, (limits: QueryLimits) => string>> = {
  seconds: ({ seconds }) =>
    `the query took longer than ${seconds} s, or its rows were not read in that time: filter or group earlier, or join on keys`,
  rows: ({ rows }) => `the query gives more than ${rows} rows: aggregate, filter, or add a LIMIT`,
  bytes: ({ bytes }) => `the rows are larger than ${bytes} bytes: select fewer columns or rows`,
  columns: ({ columns }) => `the query gives more than ${columns} columns: name those that are needed`,
  memory: () =>
    'the query needs more memory than one may have: filter before joining or sorting, or group by fewer values',
};
