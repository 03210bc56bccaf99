import { leafHash, readEnvelope, type Ledger } from '@chartledger/ledger';
import { IntegrityError } from '@chartledger/platform';
import { EventLog, type EventPartition } from './event-log.js';
import { VersionReader } from './version-reader.js';

/** Where the publishing of a chain goes on: what was published, and the entries from `start` on through the reader. */
export interface ResumedChain {
  log: EventLog;
  reader: VersionReader;
  start: number;
}

/**
 * Finds out from the partition itself how far the chain was published.
 * @throws IntegrityError when its last event is of no entry of this ledger.
 */
export async function resumeChain(
  ledger: Ledger,
  chain: number,
  partition: EventPartition,
  origin: string,
): Promise<ResumedChain> {
  const log = await EventLog.open(partition);
  const start = await firstToRead(ledger, chain, log);
  return { log, reader: new VersionReader(log.last, origin), start };
}

/** The first part of the submission of the last event, which may have been published in part. */
async function firstToRead(ledger: Ledger, chain: number, log: EventLog): Promise<number> {
  if (log.last < 0) return 0;
  const [entry] = await ledger.get(chain, [log.last]);
  if (!entry || leafHash(entry.envelope).toString('hex') !== log.lastLeaf) {
    throw new IntegrityError(
      `the topic of changes has an event of position ${chain}:${log.last} that is not of this ledger: it was written for another ledger, or the ledger lost entries. Verify the ledger; if it is sound, delete the topic, which is then made anew by itself`,
    );
  }
  return log.last - readEnvelope(entry.envelope).part;
}
