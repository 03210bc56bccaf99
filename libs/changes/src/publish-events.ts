import { UnavailableError } from '@chartledger/platform';
import { encodeChangeEvent, type ChangeEvent } from './change-event.js';
import { type EventLog, type SentRecord } from './event-log.js';

export interface PublishOptions {
  /** Of every record. */
  headers: Uint8Array;
  /** Of one batch. */
  maxEvents: number;
  /** Milliseconds from the last event that was seen published to giving up. */
  deadlineMs: number;
  /** Milliseconds, only ever growing. */
  now: () => number;
}

/** Well below what a broker takes by default (1 MiB). */
const MAX_BATCH_BYTES = 768 * 1024;

/**
 * Brings events to the end of the log, in order. Resolves when each was read back as published, by whomever. What was not
 * seen is sent again: readers pass over what comes twice.
 *
 * `events` MUST begin at or before the one after the last that the log has, and have no gap.
 * @throws UnavailableError when they do not show in time.
 */
export async function publishEvents(
  log: EventLog,
  events: readonly ChangeEvent[],
  options: PublishOptions,
): Promise<void> {
  const { deadlineMs, now } = options;
  let deadline = now() + deadlineMs;
  for (let at = 0; ;) {
    const before = at;
    while (at < events.length && events[at].data.seq <= log.last) at += 1;
    if (at === events.length) return;
    if (at > before) deadline = now() + deadlineMs;
    else if (now() > deadline) {
      throw new UnavailableError(`events from ${events[at].id} on were sent, but the topic does not show them`);
    }
    await log.send(batchFrom(events, at, options));
    await log.sync();
  }
}

/** As many records as one batch may have, at least one. */
function batchFrom(events: readonly ChangeEvent[], from: number, { headers, maxEvents }: PublishOptions): SentRecord[] {
  const batch: SentRecord[] = [];
  let bytes = 0;
  for (const event of events.slice(from, from + maxEvents)) {
    const value = encodeChangeEvent(event);
    bytes += value.length;
    if (bytes > MAX_BATCH_BYTES && batch.length > 0) break;
    batch.push({ key: event.subject, value: [value], headers });
  }
  return batch;
}
