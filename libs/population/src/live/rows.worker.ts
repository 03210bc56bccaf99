import { parentPort } from 'node:worker_threads';
import { RowAnswers, transferableMade, type RowAnswer, type RowRequest } from './row-messages.js';

/** The thread's side of `RowsThread`: one answer for each request, in order. */
const answers = new RowAnswers();

parentPort!.on('message', (request: RowRequest) => {
  const { id } = request;
  try {
    const made = answers.answer(request);
    parentPort!.postMessage({ id, made } satisfies RowAnswer, transferableMade(made));
  } catch (error) {
    parentPort!.postMessage({ id, error: (error as Error).message } satisfies RowAnswer);
  }
});
