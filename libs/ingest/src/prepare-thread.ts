import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { PendingAnswers, UnavailableError, type Logger } from '@chartledger/platform';
import { prepare } from './prepare.js';
import { type Prepared, type PrepareRequest } from './prepared.js';

/** A smaller body is prepared where it is: handing it over costs more than the work. */
const MIN_THREAD_BYTES = 32 * 1024;

interface Answer {
  id: number;
  /** JSON of a `Prepared`. */
  prepared?: string;
  error?: string;
  body: Uint8Array<ArrayBuffer>;
}

/**
 * Prepares large bodies on a thread of its own, so that scanning one source's Bundle holds up nobody else's request. One
 * thread: the other core belongs to sequencing and to the database.
 */
export class PrepareThread {
  private worker: Worker | undefined;
  private readonly pending = new PendingAnswers<Answer>();

  constructor(private readonly logger: Logger) {}

  /** Resolves when the thread works; a thread that ends later is replaced. */
  async start(): Promise<void> {
    const worker = new Worker(new URL('./prepare.worker.js', import.meta.url));
    await once(worker, 'online');
    worker.on('message', (answer: Answer) => this.pending.resolve(answer.id, answer));
    worker.on('error', (error) => {
      this.logger.error(
        { stage: 'ingest', error: error.message },
        'the thread that prepares bodies ended and is started again',
      );
      this.fail(new UnavailableError('the request could not be prepared: send it again'));
      this.start().catch((failure: Error) =>
        this.logger.fatal({ stage: 'ingest', error: failure.message }, 'no thread prepares bodies'),
      );
    });
    this.worker = worker;
  }

  async stop(): Promise<void> {
    await this.worker?.terminate();
    this.fail(new UnavailableError('the server is stopping: send the request again'));
  }

  /** `prepare`, with the body's bytes: the ones given may have been handed to the thread and MUST NOT be used after. */
  async prepare(request: PrepareRequest, body: Buffer): Promise<{ prepared: Prepared; body: Buffer }> {
    if (body.length < MIN_THREAD_BYTES) return { prepared: prepare(request, body), body };
    const { worker } = this;
    if (!worker) throw new UnavailableError('the request cannot be prepared now: send it again');
    const owned = ownBytes(body);
    const answer = await this.pending.ask((id) => worker.postMessage({ id, request, body: owned }, [owned.buffer]));
    if (!answer.prepared) throw new Error(`a body could not be prepared: ${answer.error}`);
    return {
      prepared: JSON.parse(answer.prepared) as Prepared,
      body: Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.byteLength),
    };
  }

  private fail(error: Error): void {
    this.worker = undefined;
    this.pending.rejectAll(error);
  }
}

/** Bytes that can be handed to another thread: a whole buffer of their own. */
function ownBytes(body: Buffer): Uint8Array<ArrayBuffer> {
  const isWhole =
    body.byteOffset === 0 && body.byteLength === body.buffer.byteLength && body.buffer instanceof ArrayBuffer;
  return isWhole ? new Uint8Array(body.buffer as ArrayBuffer) : new Uint8Array(body);
}
