import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '@chartledger/platform';

/** A server of its own process on a data directory of its own, as a user would start it. */
export interface BenchServer {
  url: string;
  dataDir: string;
  /** The most memory that the process has had, in MiB. */
  peakMemoryMb(): number;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
  /** Stops it as an operator would, and leaves its data. */
  end(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../../../chartledger/src/main.js', import.meta.url));

/** @param ended the data directory of a server that was ended; default: an empty one. */
export async function startBenchServer(ended?: string): Promise<BenchServer> {
  const dataDir = ended ?? (await temporaryFolder());
  // The flags of this process are those of `npm start`.
  const child = spawn(process.execPath, [...process.execArgv, MAIN], {
    env: childEnvironment({ CHARTLEDGER_DATA_DIR: dataDir, PORT: '0' }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await readyUrl(child);
  return {
    url,
    dataDir,
    peakMemoryMb: () =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    stop: async () => {
      await end(child);
      await rm(dataDir, { recursive: true, force: true });
    },
    end: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** A folder that the embedded PostgreSQL may enter though it runs as another user when this one is root. */
export async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'chartledger-bench-'));
  await chmod(dir, 0o755);
  return dir;
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
      const match = /chartledger ready (\S+)/.exec(output);
      if (match) resolve(match[1]);
    });
    child.on('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
  });
}
