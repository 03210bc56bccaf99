import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ChainAppender } from '@chartledger/ledger';
import { runningEmbeddedPostgres } from '@chartledger/database';
import { readConfig } from '@chartledger/platform';
import { openStore, type Store } from '../../../chartledger/src/store.js';
import { startLocalKafka } from '../cluster/local-kafka.js';
import { temporaryFolder } from '../temporary-folder.js';
import { drafts } from './append.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { Latencies, round } from './latency.js';

const DEFAULT_ENTRIES = 200_000;
const BATCH = 1_000;
const PAYLOAD_BYTES = 2048;
/** Appends of one entry, each waited for before the next. */
const SINGLE_APPENDS = 2_000;
const CHAIN = 1;

/**
 * How fast a follower reads a chain from its first entry, from the store itself (`perSecond`), and how long after an
 * acknowledgement one over a handle of its own, as in another process, has the entry (`p50Ms`, `p99Ms`; what it has before counts as 0).
 */
export async function benchFollow({ entries = DEFAULT_ENTRIES, kafka: brokers }: BenchOptions): Promise<BenchResult> {
  const dataDir = await temporaryFolder('bench');
  const kafka = brokers ? await startLocalKafka(join(dataDir, 'kafka'), brokers) : undefined;
  const config = readConfig({
    CHARTLEDGER_DATA_DIR: join(dataDir, 'data'),
    ...(kafka ? { KAFKA_BROKERS: kafka.brokers } : {}),
  });
  const store = await openStore(config);
  try {
    const appender = await ChainAppender.open(store.ledger, CHAIN, Date.now);
    const payloads = Array.from({ length: 64 }, () => randomBytes(PAYLOAD_BYTES));
    for (let done = 0; done < entries; done += BATCH) await appender.append(drafts(payloads, BATCH));
    const startedMs = performance.now();
    let read = 0;
    for await (const batch of store.readStored(CHAIN, 0)) read += batch.length;
    const seconds = (performance.now() - startedMs) / 1000;
    const other = await openStore(config, runningEmbeddedPostgres(config.dataDir));
    const latencies = await followed(other, appender, payloads).finally(() => other.close());
    return {
      bench: 'follow',
      ...(brokers ? { brokers } : {}),
      entries: read,
      seconds: round(seconds),
      perSecond: Math.round(read / seconds),
      p50Ms: latencies.percentile(0.5),
      p99Ms: latencies.percentile(0.99),
    };
  } finally {
    await store.close();
    await kafka?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function followed({ ledger }: Store, appender: ChainAppender, payloads: readonly Buffer[]): Promise<Latencies> {
  const { seq } = await ledger.head(CHAIN);
  const ending = new AbortController();
  const seenMs: number[] = [];
  const following = (async () => {
    for await (const batch of ledger.follow(CHAIN, seq + 1, ending.signal)) {
      for (const entry of batch) seenMs[entry.seq - seq - 1] = performance.now();
      if (seenMs.length === SINGLE_APPENDS) return;
    }
  })();
  const acknowledgedMs: number[] = [];
  for (let index = 0; index < SINGLE_APPENDS; index += 1) {
    await appender.append(drafts(payloads, 1));
    acknowledgedMs.push(performance.now());
  }
  await following;
  ending.abort();
  const latencies = new Latencies();
  acknowledgedMs.forEach((acknowledged, index) => latencies.add(Math.max(0, seenMs[index] - acknowledged)));
  return latencies;
}
