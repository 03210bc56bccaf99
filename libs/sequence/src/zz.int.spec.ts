import { it } from '@jest/globals';
import { openStages, startTestDatabase } from '@chartledger/testing';
it('x', async () => {
  const database = await startTestDatabase();
  const connection = await database.another();
  let other: any; let foreign = 0; let appends = 0;
  const log = (...a: any[]) => process.stderr.write(a.join(' ') + '\n');
  const one: any = await openStages(connection, database.dataDir, { wrapLedger: (ledger: any) => new Proxy(ledger, { get: (t, k) => k === 'append' ? async (head: any, entries: any) => {
    const n = appends++;
    log('one append', n, head.seq, entries.length);
    if (other && n % 2 === 0) { const id = `f-${foreign++}`; await other.send({ id }, JSON.stringify({ resourceType: 'Patient', id })); log('foreign done', id); }
    const r = await ledger.append(head, entries); log('one append result', r); return r;
  } : typeof t[k] === 'function' ? t[k].bind(t) : t[k] }) });
  other = await openStages(connection, database.dataDir);
  const t = setInterval(() => log('tick', one.views.view('records', 1).applied, one.views.view('records', 1).feed.head, other.views.view('records', 1).applied, other.views.view('records', 1).feed.head, other.views.view('records', 1).error), 500);
  for (let i = 0; i < 20; i++) {
    log('send', i);
    await Promise.all([1,2,3].map((k) => one.send({ id: `a${i}-${k}` }, JSON.stringify({ resourceType: 'Patient', id: `a${i}-${k}` }))));
  }
  clearInterval(t);
  await other.stop(); await one.stop(); await database.stop();
}, 10000);
