import { randomBytes, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ChainAppender, sha256, type Draft } from '@chartledger/ledger';
import { readConfig } from '@chartledger/platform';
import { openStore } from '../../../chartledger/src/store.js';
import { eachOf } from '../http-client.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { Latencies, round } from './latency.js';
import { temporaryFolder } from '../temporary-folder.js';

const PAYLOAD_BYTES = 2048;
const DEFAULT_CLIENTS = 10;
const DEFAULT_BATCH = 100;
const DEFAULT_ENTRIES = 200_000;
/** Sent beforehand and not measured: until then the code is being compiled. `--cold` leaves it out. */
const WARM_UP_ENTRIES = 20_000;

/**
 * Durable appends to the embedded ledger: clients that each wait for their entries, joined by group commit. Hashing the
 * payload, building and hashing the envelope and linking are part of it; FHIR, encryption and views are not.
 */
export async function benchAppend(options: BenchOptions): Promise<BenchResult> {
  const { clients = DEFAULT_CLIENTS, batch = DEFAULT_BATCH, entries = DEFAULT_ENTRIES } = options;
  const dataDir = await temporaryFolder('bench');
  const store = await openStore(readConfig({ CHARTLEDGER_DATA_DIR: join(dataDir, 'data') }));
  try {
    const appender = await ChainAppender.open(store.ledger, 1, Date.now);
    const payloads = Array.from({ length: 64 }, () => randomBytes(PAYLOAD_BYTES));
    const latencies = new Latencies();
    const rounds = Math.ceil(entries / batch);
    const warmUp = options.cold ? 0 : WARM_UP_ENTRIES;
    await eachOf(Array(Math.ceil(warmUp / batch)).keys(), clients, async () => {
      await appender.append(drafts(payloads, batch));
    });
    const before = await store.ledger.head(1);
    const startedMs = performance.now();
    await eachOf(Array(rounds).keys(), clients, async () => {
      await latencies.measure(() => appender.append(drafts(payloads, batch)));
    });
    const seconds = (performance.now() - startedMs) / 1000;
    const { seq } = await store.ledger.head(1);
    if (seq - before.seq !== rounds * batch)
      throw new Error(`the chain has ${seq - before.seq} more entries, not ${rounds * batch}`);
    return {
      bench: 'append',
      clients,
      batch,
      warmUp,
      entries: rounds * batch,
      payloadBytes: PAYLOAD_BYTES,
      seconds: round(seconds),
      perSecond: Math.round((rounds * batch) / seconds),
      p50Ms: latencies.percentile(0.5),
      p99Ms: latencies.percentile(0.99),
    };
  } finally {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const KEY = randomUUID();
const COMMIT = 'c'.repeat(64);
const RECORD = 'd'.repeat(64);

export function drafts(payloads: readonly Buffer[], count: number): Draft[] {
  const submission = randomUUID();
  return Array.from({ length: count }, (_, part) => {
    const payload = payloads[part % payloads.length];
    return {
      payload,
      context: {
        actor: 'bench',
        kind: 'fhir.create',
        part,
        parts: count,
        record: RECORD,
        source: 'bench',
        submission,
        type: 'Observation',
        version: 1,
      },
      digest: { bytes: payload.length, commit: COMMIT, key: KEY, sha256: sha256(payload).toString('hex') },
    };
  });
}
