import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 50;

/** The command line of a process; '' when it has ended, also when its parent has not collected it yet. */
export function commandOf(pid) {
  if (!existsSync('/proc/self/cmdline'))
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Asks again until the answer is true. @throws Error after the deadline, naming what was waited for. */
export async function until(what, deadlineMs, ask) {
  const deadline = Date.now() + deadlineMs;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come to be within ${deadlineMs} ms`);
    await delay(INTERVAL_MS);
  }
}
