import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { PendingAnswers, UnavailableError, type Logger } from '@chartledger/platform';
import { LogicError } from './logic-error.js';
import { type Definition, type Evaluated, type Evaluator, type SubjectInput } from './evaluator.js';
import { type WorkerAnswer, type WorkerRequest } from './worker-messages.js';

/** A batch that is worked on, and one that waits: so that a thread need not wait for the next. */
const BATCHES_A_THREAD = 2;

/** A patient's records and what the engine makes of them are soon forgotten: they should not be carried over. */
const YOUNG_GENERATION_MB = 192;

interface Thread {
  worker: Worker;
  known: Set<string>;
  pending: PendingAnswers<Evaluated[]>;
}

/**
 * Evaluates on threads of their own, as many as there are cores, which are started when they are needed. The logic of a
 * measure may run for minutes over a population: neither reads nor writes may wait for it.
 */
export class EvaluatorThreads implements Evaluator {
  private threads: Thread[] = [];

  constructor(
    private readonly logger: Logger,
    private readonly count = availableParallelism(),
  ) {}

  get width(): number {
    return this.count * BATCHES_A_THREAD;
  }

  async evaluate(definition: Definition, subjects: readonly SubjectInput[]): Promise<Evaluated[]> {
    const thread = this.leastBusy();
    const request: Omit<WorkerRequest, 'id'> = {
      key: definition.key,
      ...(thread.known.has(definition.key) ? {} : { definition: JSON.stringify(definition) }),
      subjects: subjects.map(joined),
    };
    thread.known.add(definition.key);
    return thread.pending.ask((id) =>
      thread.worker.postMessage(
        { id, ...request } satisfies WorkerRequest,
        request.subjects.map(({ bytes }) => bytes.buffer),
      ),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()));
  }

  private leastBusy(): Thread {
    while (this.threads.length < this.count) this.threads.push(this.start());
    return this.threads.reduce((best, one) => (one.pending.size < best.pending.size ? one : best));
  }

  private start(): Thread {
    const worker = new Worker(new URL('./evaluator.worker.js', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    const thread: Thread = { worker, known: new Set(), pending: new PendingAnswers() };
    worker.on('message', ({ id, evaluated, error }: WorkerAnswer) => {
      if (evaluated) thread.pending.resolve(id, evaluated);
      else thread.pending.reject(id, errorOf(error!));
    });
    worker.on('error', ({ message }) =>
      this.logger.error({ stage: 'query', error: message }, 'a thread that evaluates measures ended'),
    );
    worker.on('exit', () => this.forget(thread));
    return thread;
  }

  /** The next evaluation starts another in its place. */
  private forget(thread: Thread): void {
    this.threads = this.threads.filter((one) => one !== thread);
    thread.pending.rejectAll(new UnavailableError('the evaluation was stopped: ask again'));
  }
}

function joined({ texts, sources }: SubjectInput): WorkerRequest['subjects'][number] {
  const bytes = new Uint8Array(texts.reduce((length, text) => length + text.length, 0));
  let end = 0;
  const ends = texts.map((text) => {
    bytes.set(text, end);
    return (end += text.length);
  });
  return { bytes, ends, sources };
}

function errorOf(error: NonNullable<WorkerAnswer['error']>): Error {
  return 'message' in error ? new Error(error.message) : new LogicError(error.library, error.expression, error.locator);
}
