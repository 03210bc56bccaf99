import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface RunningProcess {
  pid: number;
  command: string;
}

/** The processes that work in a folder or name it on their command line: what a server may have left behind. Linux only. */
export function processesOf(folder: string): RunningProcess[] {
  const found: RunningProcess[] = [];
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const command = look(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
    const cwd = look(() => readlinkSync(`/proc/${pid}/cwd`));
    const env = look(() => readFileSync(`/proc/${pid}/environ`, 'utf8'));
    if ([command, cwd, env].some((text) => text.includes(folder)))
      found.push({ pid: Number(pid), command: command.trim() });
  }
  return found;
}

/** A process may end while it is looked at, or be another user's. */
function look(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
