import { parentPort } from 'node:worker_threads';
import { ChartledgerError } from '@chartledger/platform';
import { countQuestion, type CountTask } from './count-question.js';
import { loadSolver } from './solver.js';

/** The thread's side of `CountThread`: one answer for each task. */
parentPort!.on('message', async ({ id, task }: { id: number; task: CountTask }) => {
  try {
    parentPort!.postMessage({ id, result: countQuestion(await loadSolver(), task) });
  } catch (error) {
    const { message } = error as Error;
    const { code, status } = error instanceof ChartledgerError ? error : { code: undefined, status: undefined };
    parentPort!.postMessage({ id, failure: { message, code, status } });
  }
});
