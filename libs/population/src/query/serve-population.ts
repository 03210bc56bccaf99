import { type MessagePort } from 'node:worker_threads';
import { type Population } from './population.js';
import { toThrown, type FromThread, type ToThread } from './thread-messages.js';

/**
 * The thread's side of `PopulationThread`. Calls wait for `opening`; one that fails fails them all, and the thread.
 * @param opening resolves to what is served and how it is stopped.
 */
export function servePopulation(
  port: MessagePort,
  opening: Promise<{ population: Population; stop: () => Promise<void> }>,
): void {
  opening.catch((error: Error) =>
    setImmediate(() => {
      throw error;
    }),
  );
  port.on('message', (message: ToThread) => {
    if ('stop' in message) void stop(port, opening);
    else void answer(port, opening, message);
  });
}

async function answer(
  port: MessagePort,
  opening: Promise<{ population: Population }>,
  { id, method, args }: Extract<ToThread, { id: number }>,
): Promise<void> {
  try {
    const { population } = await opening;
    const call = population[method] as (...args: unknown[]) => Promise<unknown>;
    port.postMessage({ id, value: await call.apply(population, args) } satisfies FromThread);
  } catch (error) {
    port.postMessage({ id, error: toThrown(error) } satisfies FromThread);
  }
}

async function stop(port: MessagePort, opening: Promise<{ stop: () => Promise<void> }>): Promise<void> {
  try {
    await (await opening).stop();
  } finally {
    port.close();
  }
}
