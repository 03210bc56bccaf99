import { appendFileSync } from 'node:fs';

/** Set by the reporter of the run (test/summary-reporter.js), which prints all of them as one table. */
const FILE = process.env['CHARTLEDGER_FAULTS_FILE'];

/** Counts faults that were injected, for the table at the end of the run. */
export function count(kind: string, times = 1): void {
  if (FILE && times > 0) appendFileSync(FILE, `${JSON.stringify({ kind, times })}\n`);
}

export function countAll(kinds: readonly { kind: string }[]): void {
  const times = new Map<string, number>();
  for (const { kind } of kinds) times.set(kind, (times.get(kind) ?? 0) + 1);
  for (const [kind, number] of times) count(kind, number);
}
