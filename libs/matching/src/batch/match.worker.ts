import { parentPort, workerData } from 'node:worker_threads';
import { type MatchState, type MatchTask, TaskRunner } from './match-tasks.js';

/** A thread's side of `MatchThreads`: one answer for each task, and one first when it is ready. */
const runner = new TaskRunner(workerData as MatchState);
parentPort!.on('message', (task: MatchTask) => {
  const result = runner.run(task);
  const owned = task.kind === 'compare' ? [(result as { pairs: Int32Array<ArrayBuffer> }).pairs.buffer] : [];
  parentPort!.postMessage(result, owned);
});
parentPort!.postMessage('ready');
