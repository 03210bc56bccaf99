import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ChainTree } from '@chartledger/audit';
import { ChainAppender, noteVerifier } from '@chartledger/ledger';
import { createLogger, readConfig, systemClock } from '@chartledger/platform';
import { openStore, type Store } from '../../../chartledger/src/store.js';
import { thousands } from '../output.js';
import { subjectFromStore, verifySubject } from '../verify/verify.js';
import { drafts } from './append.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { round } from './latency.js';
import { temporaryFolder } from '../temporary-folder.js';

const DEFAULT_ENTRIES = 300_000;
const BATCH = 1_000;
const PAYLOAD_BYTES = 2048;
const CHAIN = 1;

/** `verify --payloads` of a chain in the embedded ledger: reading, hashing, links, tree and checkpoints. */
export async function benchVerify({ entries = DEFAULT_ENTRIES }: BenchOptions): Promise<BenchResult> {
  const dataDir = await temporaryFolder('bench');
  const store = await openStore(readConfig({ CHARTLEDGER_DATA_DIR: join(dataDir, 'data') }));
  try {
    await fill(store, entries);
    const subject = await subjectFromStore(store, true);
    const startedMs = performance.now();
    const [verdict] = await verifySubject(subject, CHAIN, () => undefined);
    const seconds = (performance.now() - startedMs) / 1000;
    if (!verdict.ok) throw new Error(`the chain was found wrong: ${verdict.detail}`);
    const memory = process.memoryUsage().rss / 1024 / 1024;
    return {
      bench: 'verify',
      entries: verdict.size,
      payloads: verdict.payloads,
      seconds: round(seconds),
      perSecond: Math.round(verdict.size / seconds),
      memoryMb: Math.round(memory),
    };
  } finally {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

export async function fill(store: Store, entries: number): Promise<void> {
  const appender = await ChainAppender.open(store.ledger, CHAIN, Date.now);
  const payloads = Array.from({ length: 64 }, () => randomBytes(PAYLOAD_BYTES));
  for (let done = 0; done < entries; done += BATCH) await appender.append(drafts(payloads, BATCH));
  const signer = store.signer(CHAIN);
  const context = {
    ledger: store.ledger,
    store: store.checkpoints,
    file: store.checkpointFile(CHAIN),
    signer,
    verifier: noteVerifier(signer.name, signer.publicKey),
    clock: systemClock,
    logger: createLogger('warn'),
  };
  // Signs what is there, with its tiles.
  await new ChainTree(context, CHAIN).start();
  process.stderr.write(`${thousands(entries)} entries are ready to be verified\n`);
}
