import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = resolve(dirname(fileURLToPath(import.meta.url)), '../../dist/apps/cli/src/main.js');
const READY = /ready at (\S+); Ctrl-C/;
const STAGE = /^(gateway|sequencer|projector|query) (\d+) +(http\S+)$/gm;

export interface Stage {
  program: string;
  pid: number;
  url: string;
}

/** `chartledger cluster` in a process of its own, as a user starts it. */
export interface ClusterProcess {
  url: string;
  stages: Stage[];
  output(): string;
  /** Ctrl-C, and its exit code. */
  stop(): Promise<number | null>;
}

/** Resolves when it is ready. @throws Error with its output when it ends before. */
export async function startClusterProcess(): Promise<ClusterProcess> {
  const child = spawn(process.execPath, [CLI, 'cluster'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const url = await new Promise<string>((found, failed) => {
    const take = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      const match = READY.exec(output);
      if (match) found(match[1]);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    void ended.then((code) => failed(new Error(`the cluster ended with ${code}: ${output}`)));
  });
  const stages = [...output.matchAll(STAGE)].map(([, program, pid, at]) => ({ program, pid: Number(pid), url: at }));
  return { url, stages, output: () => output, stop: () => interrupt(child, ended) };
}

function interrupt(child: ChildProcess, ended: Promise<number | null>): Promise<number | null> {
  child.kill('SIGINT');
  return ended;
}
