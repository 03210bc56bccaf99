import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Prints what was injected by the fault harness as one table (see test/faults/kafka-counts.ts), and as the last line of a
 * run `N passed, N failed, N skipped`; a suite that could not even load counts as failed.
 */
export default class SummaryReporter {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'chartledger-faults-'));
    // Inherited by the processes that run the suites.
    process.env.CHARTLEDGER_FAULTS_FILE = join(this.folder, 'faults.ndjson');
  }

  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    this.line = `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`;
    const faults = faultTable(process.env.CHARTLEDGER_FAULTS_FILE);
    rmSync(this.folder, { recursive: true, force: true });
    process.on('exit', () => process.stdout.write(`${faults}${this.line}\n`));
  }
}

function faultTable(file) {
  if (!existsSync(file)) return '';
  const times = new Map();
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const fault = JSON.parse(line);
    times.set(fault.kind, (times.get(fault.kind) ?? 0) + fault.times);
  }
  const sum = [...times.values()].reduce((one, other) => one + other, 0);
  const rows = [...[...times].sort(([one], [other]) => one.localeCompare(other)), ['in all', sum]];
  return `faults injected\n${rows.map(([kind, number]) => `${String(number).padStart(7)}  ${kind}\n`).join('')}`;
}
