import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { PendingAnswers, UnavailableError, type Logger } from '@chartledger/platform';
import { type PopulationGauges } from '../live/gauges.js';
import { VIEWS_TAKEN } from '../store/population-store.js';
import { type Population } from './population.js';
import { fromThrown, type FromThread, type ToThread } from './thread-messages.js';

/** Who watches does not wait for a thread that is busy: it is told what was known last. */
const WATCH_MS = 1_000;

const NOT_NOW = 'the views for population health are not available now: ask again';

/** What is parsed is soon forgotten: it should not be carried over. */
const YOUNG_GENERATION_MB = 96;

export interface ThreadOptions {
  /** The program of the thread: it makes a `PopulationService` and serves it by `servePopulation`. */
  program: URL;
  workerData: unknown;
  /** The file of the views: where it is, the thread starts with the server. */
  file: string;
  logger: Logger;
}

type Method = (...args: never[]) => Promise<unknown>;

/**
 * Population health in a thread of its own, so that making views holds up nobody's request. It starts when there is
 * something to keep, or when it is asked something; one that ends is started again by the next question.
 */
export class PopulationThread implements Population {
  private worker: Worker | undefined;
  private readonly pending = new PendingAnswers<unknown>();
  private isStopping = false;
  /** Why the thread ended, until it answers again. */
  private failure: string | undefined;
  private known: PopulationGauges | undefined;
  private watching: Promise<PopulationGauges> | undefined;

  readonly status = this.method('status');
  readonly gauges = this.method('gauges');
  readonly run = this.method('run');
  readonly startExport = this.method('startExport');
  readonly exportState = this.method('exportState');
  readonly cancelExport = this.method('cancelExport');
  readonly view = this.method('view');
  readonly query = this.method('query');
  readonly publish = this.method('publish');
  readonly rebuild = this.method('rebuild');

  constructor(private readonly options: ThreadOptions) {}

  /** Starts the thread where views are kept already. */
  start(): void {
    if (existsSync(this.options.file)) this.wake();
  }

  /** Starts the thread: there is something to keep now. */
  wake(): void {
    if (this.worker || this.isStopping) return;
    const { program, workerData, logger } = this.options;
    const worker = new Worker(program, {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    worker.on('message', (message: FromThread) => this.take(message));
    worker.on('error', (error) => {
      this.failure = error.message.includes(VIEWS_TAKEN) ? VIEWS_TAKEN : NOT_NOW;
      logger.error(
        { stage: 'project', projection: 'population', error: error.message },
        'the thread of the views ended',
      );
    });
    worker.on('exit', () => {
      if (this.worker === worker) this.worker = undefined;
      this.fail();
    });
    this.worker = worker;
  }

  /** The numbers of the views, as they were last known where the thread is busy; undefined while none is kept. */
  async watched(): Promise<PopulationGauges | undefined> {
    if (!this.worker) return undefined;
    this.watching ??= this.gauges()
      .then((gauges) => (this.known = gauges))
      .finally(() => (this.watching = undefined));
    this.watching.catch(() => undefined);
    return Promise.race([this.watching, delay(WATCH_MS, undefined, { ref: false }).then(() => this.known)]);
  }

  /**
   * Whether the views follow, or none is kept. A thread that ended is started again: it may be well by the next question.
   * @returns why not.
   */
  async problem(): Promise<string | undefined> {
    if (!this.worker && this.failure !== undefined) this.wake();
    const gauges = await this.watched().catch(() => undefined);
    return this.failure ?? gauges?.error;
  }

  /** Resolves when everything is closed. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const { worker } = this;
    if (!worker) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage({ stop: true } satisfies ToThread);
    await ended;
  }

  private method<M extends keyof Population>(method: M): Population[M] {
    const call: Method = (...args) => this.call(method, args);
    return call as Population[M];
  }

  private async call(method: keyof Population, args: unknown[]): Promise<unknown> {
    this.wake();
    const { worker } = this;
    if (!worker) throw new UnavailableError('the server is stopping: ask again');
    return this.pending.ask((id) => worker.postMessage({ id, method, args } satisfies ToThread));
  }

  private take(message: FromThread): void {
    if (!('id' in message)) return;
    if (!('error' in message)) this.failure = undefined;
    if ('error' in message) this.pending.reject(message.id, fromThrown(message.error));
    else this.pending.resolve(message.id, message.value);
  }

  private fail(): void {
    this.pending.rejectAll(new UnavailableError(this.failure ?? NOT_NOW));
  }
}
