import { parentPort } from 'node:worker_threads';
import { LogicError } from './logic-error.js';
import { LocalEvaluator, type Definition } from './evaluator.js';
import { type WorkerAnswer, type WorkerRequest } from './worker-messages.js';

/** The thread's side of `EvaluatorThreads`: one answer for each request. A definition comes with its first request. */
const evaluator = new LocalEvaluator();
const definitions = new Map<string, Definition>();

parentPort!.on('message', (request: WorkerRequest) => {
  const { id, key, subjects } = request;
  if (request.definition) definitions.set(key, JSON.parse(request.definition) as Definition);
  const inputs = subjects.map(({ bytes, ends, sources }) => ({
    sources,
    texts: ends.map((end, index) =>
      Buffer.from(bytes.buffer, bytes.byteOffset + (ends[index - 1] ?? 0), end - (ends[index - 1] ?? 0)),
    ),
  }));
  evaluator.evaluate(definitions.get(key)!, inputs).then(
    (evaluated) => answer({ id, evaluated }),
    (error: Error) =>
      answer({
        id,
        error:
          error instanceof LogicError
            ? { library: error.library, expression: error.expression, locator: error.locator }
            : { message: error.message },
      }),
  );
});

function answer(message: WorkerAnswer): void {
  parentPort!.postMessage(message);
}
