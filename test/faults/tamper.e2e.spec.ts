import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { byteaArray, int8Array, runningEmbeddedPostgres } from '@chartledger/database';
import { decodeEnvelope, encodeEnvelope, leafHash, type Envelope } from '@chartledger/ledger';
import { eventually, FhirHttp, http, startTestServer, type TestServer } from '@chartledger/testing';
import { cli } from './cli.js';

/** What the database's owner can do to the ledger, and what `chartledger verify` says of it. */

interface Row {
  seq: number;
  envelope: Buffer;
  payload: Buffer;
}

interface Fault {
  ok: boolean;
  position: string;
  reason: string;
}

const CHAIN = 1;
const ENTRIES = 24;
const MIDDLE = 11;

let server: TestServer;
let owner: pg.Client;
let sound: Row[];

beforeAll(async () => {
  server = await startTestServer();
  await http(`${server.url}/sources`, { method: 'POST', body: '{"name":"st-mary"}' });
  const fhir = new FhirHttp(`${server.url}/fhir/st-mary`);
  for (let index = 0; index < ENTRIES; index += 1) {
    await fhir.put(`Patient/p${index}`, { resourceType: 'Patient', id: `p${index}`, birthDate: '1970-01-02' });
  }
  await eventually('a checkpoint over all entries', async () => {
    const [, chain] = (await http(`${server.url}/ledger/chains`)).json<{ checkpoint: { size: number } }[]>();
    return chain.checkpoint.size === ENTRIES;
  });
  const connection = runningEmbeddedPostgres(server.dataDir)!;
  if ('url' in connection) throw new Error('the embedded PostgreSQL is reached by address');
  owner = new pg.Client(connection);
  await owner.connect();
  await owner.query('alter table ledger.entry disable trigger user');
  sound = await rows();
});

afterAll(async () => {
  await owner?.end();
  await server?.remove();
});

async function rows(): Promise<Row[]> {
  const found = await owner.query<{ seq: string; envelope: Buffer; payload: Buffer }>(
    `select seq, envelope, payload from ledger.entry where chain = ${CHAIN} order by seq`,
  );
  return found.rows.map((row) => ({ ...row, seq: Number(row.seq) }));
}

async function replace(changed: readonly Row[]): Promise<void> {
  await owner.query('begin');
  await owner.query(`delete from ledger.entry where chain = ${CHAIN}`);
  await owner.query(
    `insert into ledger.entry (chain, seq, envelope, payload)
     select ${CHAIN}, * from unnest($1::int8[], $2::bytea[], $3::bytea[])`,
    [
      int8Array(changed.map((row) => row.seq)),
      byteaArray(changed.map((row) => row.envelope)),
      byteaArray(changed.map((row) => row.payload)),
    ],
  );
  await owner.query('commit');
}

/** The verdict on chain 1 after `change` was done to its rows, which are put back afterwards. */
async function verdictAfter(change: (copy: Row[]) => Row[]): Promise<{ code: number | null; fault: Fault }> {
  await replace(change(sound.map((row) => ({ ...row }))));
  try {
    const { code, stdout } = await cli(server.dataDir, 'verify', '--payloads', '--json', '--chain', String(CHAIN));
    return { code, fault: (JSON.parse(stdout) as { chains: Fault[] }).chains[0] };
  } finally {
    await replace(sound);
  }
}

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] ^= 1;
  return copy;
}

function change(row: Row, fields: Partial<Envelope>): Row {
  return { ...row, envelope: Buffer.from(encodeEnvelope({ ...decodeEnvelope(row.envelope), ...fields })) };
}

/** Links the rows from `from` on anew, as a forger would who can compute hashes. */
function relink(copy: Row[], from: number): Row[] {
  for (let seq = Math.max(1, from); seq < copy.length; seq += 1) {
    copy[seq] = change({ ...copy[seq], seq }, { seq, prev: leafHash(copy[seq - 1].envelope).toString('hex') });
  }
  return copy;
}

describe('chartledger verify', () => {
  it('finds an untouched ledger sound', async () => {
    const { code, fault } = await verdictAfter((copy) => copy);
    expect(fault).toMatchObject({ ok: true, size: ENTRIES, payloads: ENTRIES });
    expect(code).toBe(0);
  });

  it.each<[string, string, number, (copy: Row[]) => Row[]]>([
    [
      'an envelope byte changed',
      'envelope_invalid',
      MIDDLE,
      (copy) => copy.with(MIDDLE, { ...copy[MIDDLE], envelope: flip(copy[MIDDLE].envelope, 3) }),
    ],
    [
      'an envelope changed into another sound one',
      'envelope_altered',
      MIDDLE,
      (copy) => copy.with(MIDDLE, change(copy[MIDDLE], { actor: 'someone-else' })),
    ],
    [
      'the last envelope changed',
      'envelope_altered',
      ENTRIES - 1,
      (copy) => copy.with(ENTRIES - 1, change(copy[ENTRIES - 1], { actor: 'someone-else' })),
    ],
    [
      'a payload byte changed',
      'payload_altered',
      MIDDLE,
      (copy) => copy.with(MIDDLE, { ...copy[MIDDLE], payload: flip(copy[MIDDLE].payload, 40) }),
    ],
    [
      'prev changed',
      'prev_altered',
      MIDDLE,
      (copy) => copy.with(MIDDLE, change(copy[MIDDLE], { prev: 'a'.repeat(64) })),
    ],
    ['an entry removed', 'entry_removed', MIDDLE, (copy) => copy.filter((row) => row.seq !== MIDDLE)],
    [
      'two entries swapped',
      'entries_swapped',
      MIDDLE,
      (copy) =>
        copy.with(MIDDLE, { ...copy[MIDDLE + 1], seq: MIDDLE }).with(MIDDLE + 1, { ...copy[MIDDLE], seq: MIDDLE + 1 }),
    ],
    [
      'an entry inserted',
      'entry_inserted',
      MIDDLE,
      (copy) => [
        ...copy.slice(0, MIDDLE),
        change(copy[MIDDLE], { actor: 'someone-else' }),
        ...copy.slice(MIDDLE).map((row) => ({ ...row, seq: row.seq + 1 })),
      ],
    ],
    ['the tail cut below the last checkpoint', 'tail_cut', ENTRIES - 3, (copy) => copy.slice(0, -3)],
  ])('names the first bad position and the reason: %s', async (_what, reason, seq, tamper) => {
    const { code, fault } = await verdictAfter(tamper);
    expect(fault).toMatchObject({ ok: false, position: `${CHAIN}:${seq}`, reason });
    expect(code).toBe(1);
  });

  it('finds a fork, though every entry and link of it is sound', async () => {
    const { code, fault } = await verdictAfter((copy) =>
      relink(copy.with(MIDDLE, change(copy[MIDDLE], { actor: 'someone-else' })), MIDDLE + 1),
    );
    expect(fault).toMatchObject({ ok: false, reason: 'fork' });
    expect(Number(fault.position.split(':')[1])).toBeLessThanOrEqual(MIDDLE);
    expect(code).toBe(1);
  });

  it('finds a tail that was cut together with the checkpoints in the database, by the one outside it', async () => {
    await owner.query('alter table audit.checkpoint disable trigger user');
    const signed = await owner.query(`select * from audit.checkpoint where chain = ${CHAIN} and size > 5`);
    await owner.query(`delete from audit.checkpoint where chain = ${CHAIN} and size > 5`);
    try {
      const { code, fault } = await verdictAfter((copy) => copy.slice(0, 5));
      expect(fault).toMatchObject({ ok: false, position: `${CHAIN}:5`, reason: 'tail_cut' });
      expect(code).toBe(1);
    } finally {
      for (const row of signed.rows as { size: string; time: string; note: string }[]) {
        await owner.query(`insert into audit.checkpoint values (${CHAIN}, $1, $2, $3)`, [row.size, row.time, row.note]);
      }
    }
  });
});
