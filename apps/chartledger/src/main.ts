import { startEmbeddedPostgres, migrate, openDataSource } from '@chartledger/database';
import { EmbeddedLedger, ledgerTables } from '@chartledger/ledger-embedded';
import { link, headAfter, sha256, type Draft } from '@chartledger/ledger';
import { randomBytes, randomUUID } from 'node:crypto';
const t0 = Date.now();
const db = await startEmbeddedPostgres('/tmp/w/data');
console.log('pg', Date.now() - t0);
await migrate(db.connection, ledgerTables);
console.log('migrated', Date.now() - t0);
const source = await openDataSource(db.connection, ledgerTables);
const ledger = await EmbeddedLedger.open(source);
console.log('open', Date.now() - t0);
const N = Number(process.argv[2] ?? 1000), total = Number(process.argv[3] ?? 100000);
let head = await ledger.head(1);
const payload = randomBytes(2048);
const mk = (): Draft[] => Array.from({ length: N }, (_, i) => ({
  payload: Buffer.from(payload),
  context: { actor: 'anonymous', kind: 'fhir.create', part: i, parts: N, record: 'a'.repeat(64), source: 'bench', submission: randomUUID(), type: 'Observation', version: 1 },
  digest: { bytes: 2048, sha256: sha256(payload).toString('hex'), key: randomUUID(), commit: 'b'.repeat(64) },
}));
const s = process.hrtime.bigint(); const c0 = process.cpuUsage();
let inflight: Promise<boolean> = Promise.resolve(true);
for (let i = 0; i < total / N; i++) {
  const e = link(head, mk(), Date.now());
  if (!(await inflight)) throw new Error('lost');
  inflight = ledger.append(head, e);
  head = headAfter(head, e);
}
await inflight;
const sec = Number(process.hrtime.bigint() - s) / 1e9;
console.log(N, Math.round(total / sec), 'entries/s', 'cpu us/entry', (process.cpuUsage(c0).user + process.cpuUsage(c0).system) / total);
const r0 = Date.now(); let n = 0;
for await (const b of ledger.read(1, 0)) n += b.length;
console.log('read', n, Math.round(n / (Date.now() - r0) * 1000), '/s');
await ledger.close(); await source.destroy(); await db.stop();
