import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { startProcess } from '../server-process.js';
import { temporaryFolder } from '../temporary-folder.js';

/** Of the times in /proc/PID/stat: USER_HZ is 100 on Linux. */
const TICK_MS = 10;

/** A server of its own process on a data directory of its own, as a user would start it. */
export interface BenchServer {
  url: string;
  dataDir: string;
  /** The most memory that the process has had, in MiB. */
  peakMemoryMb(): number;
  /** What it has taken of the processors so far, without those of its database. */
  cpuMs(): number;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
  /** Stops it as an operator would, and leaves its data. */
  end(): Promise<void>;
}

/** @param ended the data directory of a server that was ended; default: an empty one. */
export async function startBenchServer(ended?: string, environment: Record<string, string> = {}): Promise<BenchServer> {
  const dataDir = ended ?? (await temporaryFolder('bench'));
  const server = await startProcess('chartledger', { ...environment, CHARTLEDGER_DATA_DIR: dataDir });
  return {
    url: server.url,
    dataDir,
    peakMemoryMb: () =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    cpuMs: () => {
      const fields = readFileSync(`/proc/${server.process.pid}/stat`, 'utf8').split(') ')[1].split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    },
    stop: async () => {
      await server.end();
      await rm(dataDir, { recursive: true, force: true });
    },
    end: () => server.end(),
  };
}
