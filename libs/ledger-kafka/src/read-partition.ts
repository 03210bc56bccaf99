import { emptyHead, leafHash, readAhead, readEnvelope, type StoredEntry } from '@chartledger/ledger';
import { ChainFold } from './chain-fold.js';
import { foldAfter } from './kafka-chain.js';
import { type KafkaClient } from './kafka-client.js';
import { PartitionReader } from './partition-reader.js';
import { persist } from './patience.js';
import { type TopicRecord } from './topic-record.js';

const FETCH_BYTES = 8 * 1024 * 1024;
const PATIENCE_MS = 30_000;

/** The entry before the first one that is wanted, and where it was found. */
export interface Anchor {
  seq: number;
  offset: number;
  envelope: Buffer;
}

/**
 * The entries of a partition from `from` (inclusive) to `to` (exclusive), to the end that it has when it is called, by
 * connections of its own. Begins after `before`, which is held against the topic, or where there is none at the topic's
 * beginning.
 * @throws IntegrityError when the topic does not hold `before`.
 */
export async function* readPartition(
  client: KafkaClient,
  chain: number,
  from: number,
  to: number,
  before: Anchor | undefined,
): AsyncGenerator<StoredEntry[]> {
  const reader = new PartitionReader(client);
  try {
    const fold = before ? await foldAfter(reader, headOf(chain, before)) : new ChainFold(emptyHead(chain));
    const { signal } = new AbortController();
    const end = await persist(`the end of chain ${chain} cannot be read`, PATIENCE_MS, signal, () => reader.end(chain));
    for await (const records of readAhead(fetches(reader, chain, fold.nextOffset, end))) {
      const entries = fold
        .take(records.filter(({ offset }) => offset < end))
        .filter(({ seq }) => seq >= from && seq < to)
        .map(({ seq, envelope, payload }) => ({ chain, seq, envelope, payload }));
      if (entries.length > 0) yield entries;
      if (fold.head.seq + 1 >= to) return;
    }
  } finally {
    reader.close();
  }
}

async function* fetches(
  reader: PartitionReader,
  chain: number,
  from: number,
  end: number,
): AsyncGenerator<TopicRecord[]> {
  const { signal } = new AbortController();
  let next = from;
  while (next < end) {
    const records = await persist(`chain ${chain} cannot be read`, PATIENCE_MS, signal, () =>
      reader.fetch(chain, next, FETCH_BYTES, 1000),
    );
    if (records.length === 0) continue;
    yield records;
    next = records[records.length - 1].offset + 1;
  }
}

function headOf(chain: number, { seq, offset, envelope }: Anchor): Parameters<typeof foldAfter>[1] {
  return { chain, seq, offset, leaf: leafHash(envelope), time: Date.parse(readEnvelope(envelope).time) };
}
