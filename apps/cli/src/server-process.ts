import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '@chartledger/platform';

/** The mains: every stage in one process, or one stage. */
export type Program = 'chartledger' | 'gateway' | 'sequencer' | 'projector' | 'query';

/** A server in a process of its own, as a user would start it. */
export interface ServerProcess {
  program: Program;
  url: string;
  process: ChildProcess;
  /** Stops it as an operator would. @throws Error when it does not end in good order. */
  end(): Promise<void>;
}

/** Resolves when it serves. `environment`: what it has of our variables; the port is a free one. @throws Error when it ends before. */
export async function startProcess(program: Program, environment: Record<string, string>): Promise<ServerProcess> {
  const main = fileURLToPath(new URL(`../../${program}/src/main.js`, import.meta.url));
  // The flags of this process are those of `npm start`.
  const child = spawn(process.execPath, [...process.execArgv, main], {
    env: childEnvironment({ ...environment, PORT: '0' }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return {
    program,
    url: await readyUrl(child, program),
    process: child,
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new Error(`${program} was asked to stop and ended with ${code}`);
    },
  };
}

function readyUrl(child: ChildProcess, program: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
      const match = /chartledger ready (\S+)/.exec(output);
      if (match) resolve(match[1]);
    });
    child.on('exit', (code) => reject(new Error(`${program} ended with ${code} before it was ready`)));
  });
}
