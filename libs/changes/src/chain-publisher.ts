import { setTimeout as delay } from 'node:timers/promises';
import { type Ledger, type StoredEntry } from '@chartledger/ledger';
import { type Logger } from '@chartledger/platform';
import { type EventLog, type EventPartition } from './event-log.js';
import { publishEvents } from './publish-events.js';
import { resumeChain } from './resume-chain.js';

/** How often an idle publisher looks whether the topic is still the one that it wrote. */
const WATCH_MS = 5_000;
const RETRY_MS = 500;
/** Longer than the election of a new leader at a broker's default settings (16 s). */
const PUBLISH_DEADLINE_MS = 40_000;

/** `EventLog` reads more of the end than that. */
const MAX_BATCH_EVENTS = 1_000;

export interface ChainPublisherContext {
  ledger: Ledger;
  /** Makes the topic where there is none, and opens the chain's partition with connections of its own. */
  openPartition: () => Promise<EventPartition & { close(): void }>;
  headers: Uint8Array;
  /** The ledger's name, as in its checkpoints. */
  origin: string;
  logger: Logger;
}

/**
 * Publishes the versions of one chain for as long as it runs. It keeps no state: how far it came is what the topic shows.
 * After any failure, and when the topic was deleted, it opens the topic anew and goes on from there. Several at once repeat
 * each other's events, which readers pass over.
 */
export class ChainPublisher {
  /** `seq` of the chain's last entry, as far as it is known here. */
  private head = -1;
  /** `seq` of the last entry that is published, or that has no event. */
  private handled = -1;
  private failure: Error | undefined;

  constructor(
    private readonly context: ChainPublisherContext,
    readonly chain: number,
  ) {}

  /** Entries of the ledger that this publisher has not handled yet. */
  get lag(): number {
    return Math.max(0, this.head - this.handled);
  }

  /** Why nothing is published now, if that is so. */
  get error(): Error | undefined {
    return this.failure;
  }

  /** Resolves when `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const attempt = new AbortController();
      const both = AbortSignal.any([signal, attempt.signal]);
      try {
        await this.publish(both);
      } catch (error) {
        if (signal.aborted) return;
        this.failure = error as Error;
        this.context.logger.warn(
          { stage: 'project', topic: 'changes', chain: this.chain, error: this.failure.message },
          'changes cannot be published; the topic is read again to see how far it goes',
        );
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      } finally {
        attempt.abort();
      }
    }
  }

  private async publish(signal: AbortSignal): Promise<void> {
    const { ledger, headers, origin } = this.context;
    const partition = await this.context.openPartition();
    // A request that is under way ends with its connection.
    signal.addEventListener('abort', () => partition.close(), { once: true });
    try {
      const { log, reader, start } = await resumeChain(ledger, this.chain, partition, origin);
      this.handled = log.last;
      const options = {
        headers,
        maxEvents: MAX_BATCH_EVENTS,
        deadlineMs: PUBLISH_DEADLINE_MS,
        now: () => performance.now(),
      };
      for await (const entries of this.watched(ledger.follow(this.chain, start, signal), log, signal)) {
        const { seq } = entries[entries.length - 1];
        this.head = Math.max(this.head, seq);
        await publishEvents(log, reader.take(entries), options);
        this.failure = undefined;
        this.handled = seq;
      }
    } finally {
      partition.close();
    }
  }

  /** The batches as they come. Between them it looks at the ledger's head, and at the topic, which may have been deleted. */
  private async *watched(
    batches: AsyncIterable<StoredEntry[]>,
    log: EventLog,
    signal: AbortSignal,
  ): AsyncGenerator<StoredEntry[]> {
    const iterator = batches[Symbol.asyncIterator]();
    let lookedAt = -Infinity;
    let next = iterator.next();
    for (;;) {
      // Nobody awaits it when the watch fails first.
      next.catch(() => undefined);
      if (performance.now() - lookedAt >= WATCH_MS) {
        this.head = (await this.context.ledger.head(this.chain)).seq;
        await log.sync();
        this.failure = undefined;
        lookedAt = performance.now();
      }
      const arrived = await firstOf(next, WATCH_MS);
      if (signal.aborted || arrived?.done) return;
      if (!arrived) continue;
      yield arrived.value;
      next = iterator.next();
    }
  }
}

/** Undefined after the time. */
async function firstOf<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
