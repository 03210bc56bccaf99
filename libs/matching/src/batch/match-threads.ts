import { once } from 'node:events';
import { setImmediate as yieldNow } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type MatchState, type MatchTask, TaskRunner, type TaskResults } from './match-tasks.js';

type OnDone = (share: number) => void;
type ResultOf<T extends MatchTask> = TaskResults[T['kind']];

/** Does tasks. Results come in the order of the tasks, whoever does them and when. */
export interface TaskPool {
  /** @param onDone told after each task which share of them is done. */
  run<T extends MatchTask>(tasks: readonly T[], onDone?: OnDone): Promise<ResultOf<T>[]>;
  stop(): Promise<void>;
}

/** Runs tasks over one state, on threads or (0) where it is called. */
export class MatchThreads implements TaskPool {
  private workers: Worker[] = [];

  private constructor(private readonly own: TaskRunner | undefined) {}

  static async start(state: MatchState, threads: number): Promise<MatchThreads> {
    const pool = new MatchThreads(threads === 0 ? new TaskRunner(state) : undefined);
    pool.workers = Array.from(
      { length: threads },
      () => new Worker(new URL('./match.worker.js', import.meta.url), { workerData: state }),
    );
    await Promise.all(pool.workers.map((worker) => once(worker, 'message')));
    return pool;
  }

  async run<T extends MatchTask>(tasks: readonly T[], onDone: OnDone = () => undefined): Promise<ResultOf<T>[]> {
    const results = new Array<ResultOf<T>>(tasks.length);
    let done = 0;
    const take = (at: number, result: ResultOf<T>): void => {
      results[at] = result;
      onDone(++done / tasks.length);
    };
    if (this.own) {
      for (const [at, task] of tasks.entries()) {
        take(at, this.own.run(task) as ResultOf<T>);
        // Others have their turn on the thread.
        await yieldNow();
      }
      return results;
    }
    let next = 0;
    await Promise.all(
      this.workers.map(async (worker) => {
        while (next < tasks.length) {
          const at = next++;
          worker.postMessage(tasks[at]);
          // An error thrown on the thread rejects this wait, and with it the whole run.
          const [result] = (await once(worker, 'message')) as [ResultOf<T>];
          take(at, result);
        }
      }),
    );
    return results;
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

/** The longest first, so that no thread is left with one at the end; results in the order that they were given in. */
export async function runLongest<T extends MatchTask>(
  pool: TaskPool,
  tasks: readonly { size: number; task: T }[],
  onDone?: OnDone,
): Promise<ResultOf<T>[]> {
  const order = [...tasks.keys()].sort((a, b) => tasks[b].size - tasks[a].size);
  const found = await pool.run(
    order.map((at) => tasks[at].task),
    onDone,
  );
  const results = new Array<ResultOf<T>>(tasks.length);
  order.forEach((at, place) => (results[at] = found[place]));
  return results;
}
