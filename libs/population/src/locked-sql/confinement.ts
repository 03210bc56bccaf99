import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ChartledgerError } from '@chartledger/platform';
import { OVERHEAD_BYTES, RESERVED_BYTES } from './limits.js';

/** Where util-linux installs its programs. PATH is not asked: what is found first there need not be what was meant. */
const FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin', '/run/current-system/sw/bin'];

/** Files and sockets that a process has open at once; Node and DuckDB take about 30. */
const OPEN_FILES = 128;

/**
 * The command that confines what comes after it, by util-linux: so much memory and no more (DuckDB's own limit misses strings),
 * no byte written to any file, no core dump with data in it; killed when the process that started it ends.
 *
 * @throws ChartledgerError 501 where there is no prlimit: SQL of users is refused there, and everything else works.
 */
export function confinement(memoryBytes: number, folders = FOLDERS): string[] {
  const prlimit = find('prlimit', folders);
  if (!prlimit)
    throw new ChartledgerError(
      'not-supported',
      501,
      'SQL of users is run only where its memory can be limited: install util-linux (prlimit; Linux only) and ask again',
    );
  const data = memoryBytes + OVERHEAD_BYTES;
  const setpriv = find('setpriv', folders);
  return [
    // The process ends by itself as well when its channel closes; this is for one that cannot listen any more.
    ...(setpriv ? [setpriv, '--pdeathsig', 'KILL', '--no-new-privs'] : []),
    prlimit,
    `--data=${data}`,
    `--as=${data + RESERVED_BYTES}`,
    '--core=0',
    '--fsize=0',
    `--nofile=${OPEN_FILES}`,
  ];
}

function find(program: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
