import { Worker } from 'node:worker_threads';
import { type StoredEntry } from '@chartledger/ledger';
import { PendingAnswers } from '@chartledger/platform';
import { type EntryOpener } from '@chartledger/projection';
import { rowRequest, transferableRequest, type RowAnswer } from './row-messages.js';
import { type MadeRows, type MadeView } from './row-maker.js';
import { type RowSource } from './row-source.js';

/** What is parsed is soon forgotten: it should not be carried over. */
const YOUNG_GENERATION_MB = 192;

interface Thread {
  worker: Worker;
  known: Set<number>;
  pending: PendingAnswers<MadeRows>;
}

/**
 * Decrypts, parses and makes rows on a thread of its own, beside the one that writes them: what fills a view from the
 * oldest entry on uses two cores. Keys are looked up here; the thread needs no database. Started by the first call.
 */
export class RowsThread implements RowSource {
  private thread: Thread | undefined;

  constructor(
    private readonly opener: EntryOpener,
    private readonly program = new URL('./rows.worker.js', import.meta.url),
  ) {}

  async make(views: readonly MadeView[], stored: readonly StoredEntry[]): Promise<MadeRows> {
    const keys = await this.opener.keysOf(stored);
    const { worker, known, pending } = (this.thread ??= this.started());
    const asked = views.map(({ no, definition }) => (known.has(no) ? { no } : { no, definition }));
    for (const { no } of views) known.add(no);
    return pending.ask((id) => {
      const request = rowRequest(id, asked, stored, keys);
      worker.postMessage(request, transferableRequest(request));
    });
  }

  async rest(): Promise<void> {
    await this.thread?.worker.terminate();
  }

  private started(): Thread {
    const worker = new Worker(this.program, {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    const thread: Thread = { worker, known: new Set(), pending: new PendingAnswers() };
    let reason = 'the thread that makes rows ended';
    worker.on('message', (answer: RowAnswer) => {
      if ('made' in answer) thread.pending.resolve(answer.id, answer.made);
      else thread.pending.reject(answer.id, new Error(answer.error));
    });
    worker.on('error', ({ message }) => (reason = message));
    worker.on('exit', () => {
      if (this.thread === thread) this.thread = undefined;
      thread.pending.rejectAll(new Error(reason));
    });
    return thread;
  }
}
