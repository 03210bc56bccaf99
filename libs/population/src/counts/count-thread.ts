import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ChartledgerError, PendingAnswers, UnavailableError } from '@chartledger/platform';
import { type CountResult, type CountTask } from './count-question.js';

interface Answer {
  id: number;
  result?: CountResult;
  failure?: { message: string; code?: string; status?: number };
}

/**
 * Counts on a thread of its own: a question over many earlier ones can take seconds of linear programs, and nobody else's
 * request waits for them. Started with the first question, and again after it ended.
 */
export class CountThread {
  private worker: Worker | undefined;
  private readonly pending = new PendingAnswers<Answer>();

  /** See `countQuestion`. */
  readonly count = async (task: CountTask): Promise<CountResult> => {
    const worker = (this.worker ??= this.started());
    const answer = await this.pending.ask((id) => worker.postMessage({ id, task }));
    if (answer.result) return answer.result;
    const { message, code, status } = answer.failure!;
    throw code !== undefined && status !== undefined ? new ChartledgerError(code, status, message) : new Error(message);
  };

  async stop(): Promise<void> {
    const { worker } = this;
    if (!worker) return;
    const ended = once(worker, 'exit');
    await worker.terminate();
    await ended;
  }

  private started(): Worker {
    const worker = new Worker(new URL('./count.worker.js', import.meta.url));
    worker.on('message', (answer: Answer) => this.pending.resolve(answer.id, answer));
    worker.on('error', () => this.ended(worker));
    worker.on('exit', () => this.ended(worker));
    return worker;
  }

  private ended(worker: Worker): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    this.pending.rejectAll(new UnavailableError('the question could not be counted: ask it again'));
  }
}
