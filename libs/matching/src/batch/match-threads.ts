import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type MatchState, type MatchTask, TaskRunner, type TaskResults } from './match-tasks.js';

type ResultOf<T extends MatchTask> = TaskResults[T['kind']];

/** Does tasks. Results come in the order of the tasks, whoever does them and when. */
export interface TaskPool {
  run<T extends MatchTask>(tasks: readonly T[]): Promise<ResultOf<T>[]>;
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

  async run<T extends MatchTask>(tasks: readonly T[]): Promise<ResultOf<T>[]> {
    if (this.own) return tasks.map((task) => this.own!.run(task) as ResultOf<T>);
    const results = new Array<ResultOf<T>>(tasks.length);
    let next = 0;
    await Promise.all(
      this.workers.map(async (worker) => {
        while (next < tasks.length) {
          const at = next++;
          worker.postMessage(tasks[at]);
          // An error thrown on the thread rejects this wait, and with it the whole run.
          const [result] = (await once(worker, 'message')) as [ResultOf<T>];
          results[at] = result;
        }
      }),
    );
    return results;
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
