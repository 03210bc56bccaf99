import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@chartledger/database';
import { chainOrigin, parseVerifierKey, readLedgerOverHttp, verifyChain } from '@chartledger/ledger';
import {
  eventually,
  FhirHttp,
  http,
  ownerQuery,
  processesOf,
  registerSource,
  runToEnd,
  startTestServer,
  temporaryFolder,
  TestServer,
} from '@chartledger/testing';

/** Kills of a server under load, each at another moment. */
const KILLS = 3;
const WRITERS = 6;
const PARTS = 5;
/** Enough that groups, views and checkpoints are all under way. */
const WRITES_BEFORE_KILL = 120;
const TIMEOUT_MS = 120_000;
const ANOTHER_KEY = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

let server: TestServer;

/** A server of its own for each test of the group. */
function eachOnItsOwn(): void {
  beforeEach(async () => {
    server = await startTestServer();
    await registerSource(server.url, { name: 'clinic' });
  }, TIMEOUT_MS);
  afterEach(() => server.remove(), TIMEOUT_MS);
}

const clinic = (): FhirHttp => new FhirHttp(`${server.url}/fhir/clinic`);

describe('SIGTERM', () => {
  eachOnItsOwn();

  it(
    'ends a server under load in time, with exit code 0 and no process left, and nothing acknowledged is lost',
    async () => {
      const traffic = new Traffic();
      traffic.begin(clinic());
      await eventually('some traffic', () => traffic.acknowledged >= 30);
      const { code } = await server.stop();
      await traffic.end();
      expect(code).toBe(0);
      expect(processesOf(server.dataDir)).toEqual([]);
      await server.start();
      await traffic.check(clinic());
      await expectSound();
    },
    TIMEOUT_MS,
  );

  it.each(['owner.pid', 'postgres/postmaster.pid', 'the ready line'])(
    'ends a server while it starts, once there is %s, and no process is left',
    async (sign) => {
      await server.stop();
      const starting = server.start().catch(() => undefined);
      if (sign === 'the ready line') await starting;
      else await eventually(sign, () => existsSync(join(server.dataDir, sign)));
      await server.stop();
      await starting;
      expect(processesOf(server.dataDir)).toEqual([]);
      await server.start();
    },
    TIMEOUT_MS,
  );

  it('ends a server that keeps idle connections', async () => {
    await Promise.all(Array.from({ length: 8 }, () => clinic().get('metadata')));
    const { code } = await server.stop();
    expect(code).toBe(0);
  });
});

describe('kill -9', () => {
  eachOnItsOwn();

  it(
    'of the process group under load loses nothing that was acknowledged and leaves no transaction in part',
    async () => {
      const traffic = new Traffic();
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const before = traffic.acknowledged;
        traffic.begin(clinic());
        await eventually('some traffic', () => traffic.acknowledged >= before + WRITES_BEFORE_KILL * kill);
        await server.kill();
        await traffic.end();
        await server.start();
        await traffic.check(clinic());
        await expectSound();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'of the server alone leaves its PostgreSQL, which the next start stops before its own',
    async () => {
      await clinic().put('Patient/p', { resourceType: 'Patient', id: 'p' });
      process.kill(server.pid, 'SIGKILL');
      await eventually(
        'the end of the server',
        () => !processesOf(server.dataDir).some(({ command }) => command.includes('main.js')),
      );
      expect(processesOf(server.dataDir)).not.toEqual([]);
      await server.start();
      expect((await clinic().get('Patient/p')).status).toBe(200);
      const { code } = await server.stop();
      expect(code).toBe(0);
      expect(processesOf(server.dataDir)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('a server that must not start says why, ends with code 2 and leaves nothing running', () => {
  beforeAll(async () => {
    server = await startTestServer();
    await registerSource(server.url, { name: 'clinic' });
    await server.stop();
  }, TIMEOUT_MS);
  afterAll(() => server.remove(), TIMEOUT_MS);

  const refuse = async (reason: RegExp | string, env: Record<string, string> = {}): Promise<void> => {
    const { code, stderr } = await runToEnd(server.dataDir, env);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
  };

  /** Puts `content` in the place of a key file, or takes it away, and back afterwards. */
  const withKeyFile = async (name: string, content: string | undefined, work: () => Promise<void>): Promise<void> => {
    const file = join(server.dataDir, 'keys', name);
    await rename(file, `${file}.away`);
    if (content !== undefined) await writeFile(file, content);
    await work();
    expect(processesOf(server.dataDir)).toEqual([]);
    await rename(`${file}.away`, file);
  };

  it.each(['kek', 'pseudonym', 'ledger-ed25519.pem', 'database-password'])(
    'where the key file %s is missing, which is not made anew',
    (name) =>
      withKeyFile(name, undefined, async () => {
        await refuse(new RegExp(`${name}.*[Rr]estore`));
        expect(existsSync(join(server.dataDir, 'keys', name))).toBe(false);
      }),
    TIMEOUT_MS,
  );

  it.each([
    ['kek', 'another', `${Buffer.alloc(32, 7).toString('base64')}\n`, 'the kek key is not the one'],
    ['pseudonym', 'another', `${Buffer.alloc(32, 7).toString('base64')}\n`, 'the pseudonym key is not the one'],
    ['ledger-ed25519.pem', 'another', ANOTHER_KEY, 'the verifier key is not the one'],
    ['kek', 'no key', 'short\n', 'must hold 32 bytes'],
    ['ledger-ed25519.pem', 'no key', 'none\n', 'ledger-ed25519.pem'],
  ])(
    'where the key file %s holds %s',
    (name, _what, content, reason) => withKeyFile(name, content, () => refuse(reason)),
    TIMEOUT_MS,
  );

  it(
    'where the origin is another one',
    () => refuse('CHARTLEDGER_ORIGIN', { CHARTLEDGER_ORIGIN: 'elsewhere.example' }),
    TIMEOUT_MS,
  );

  it(
    'where the port is taken',
    async () => {
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
      const { port } = taken.address() as { port: number };
      await refuse(String(port), { PORT: String(port) });
      expect(processesOf(server.dataDir)).toEqual([]);
      await new Promise((resolve) => taken.close(resolve));
    },
    TIMEOUT_MS,
  );

  it.each([
    [{ HOST: '0.0.0.0' }, 'loopback'],
    [{ PORT: '99999' }, 'PORT'],
    [{ CHARTLEDGER_CHAINS: '0' }, 'CHARTLEDGER_CHAINS'],
    [{ CHARTLEDGER_AUTH: 'on' }, 'CHARTLEDGER_AUTH'],
    [{ KAFKA_BROKERS: 'localhost:9092' }, 'KAFKA_BROKERS'],
  ])('where the environment says %j', async (env, reason) => {
    await refuse(reason, env as Record<string, string>);
  });

  it(
    'where another server uses the data directory, which goes on',
    async () => {
      await server.start();
      await refuse('in use');
      expect((await clinic().put('Patient/p', { resourceType: 'Patient', id: 'p' })).status).toBe(201);
    },
    TIMEOUT_MS,
  );
});

describe('a ledger that is not what was signed', () => {
  const DISABLE = 'alter table ledger.entry disable trigger all;';
  const ENABLE = 'alter table ledger.entry enable trigger all;';
  /** Makes the head agree with the last row, so that nothing but the checkpoint tells. */
  const FIX_HEAD = `update ledger.head h set seq = last.seq, leaf = sha256('\\x00'::bytea || last.envelope)
    from (select * from ledger.entry where chain = 1 order by seq desc limit 1) last where h.chain = 1;`;
  const FORGET_SIGNED = `alter table audit.checkpoint disable trigger all; delete from audit.checkpoint where size > 5;
    alter table audit.checkpoint enable trigger all;`;

  let sound: TestServer;
  /** Ten entries under a checkpoint. */
  beforeAll(async () => {
    sound = await startTestServer();
    const fhir = await registerSource(sound.url, { name: 'clinic' });
    for (let at = 0; at < 10; at += 1) await fhir.put(`Patient/p${at}`, { resourceType: 'Patient', id: `p${at}` });
    await sound.stop();
  }, TIMEOUT_MS);
  afterAll(() => sound.remove(), TIMEOUT_MS);
  afterEach(() => server.remove(), TIMEOUT_MS);

  /** A copy of it, with the owner of the database at work. */
  const tamper = async (statements: string): Promise<void> => {
    server = new TestServer(await temporaryFolder());
    // Owners and modes stay: PostgreSQL insists on them.
    execFileSync('cp', ['-a', `${sound.dataDir}/.`, server.dataDir]);
    const database = await startEmbeddedPostgres(server.dataDir);
    await ownerQuery(database.connection, statements);
    await database.stop();
  };

  it.each([
    [
      'its tail was cut off',
      `${DISABLE} delete from ledger.entry where chain = 1 and seq > 6; ${ENABLE} ${FIX_HEAD}`,
      'acknowledged entries are gone',
    ],
    [
      'its tail was cut off and the checkpoints with it',
      `${DISABLE} delete from ledger.entry where chain = 1 and seq > 6; ${ENABLE} ${FIX_HEAD} ${FORGET_SIGNED}`,
      'acknowledged entries are gone',
    ],
    [
      'all of it is gone',
      `${DISABLE} delete from ledger.entry where chain = 1; ${ENABLE} delete from ledger.head where chain = 1`,
      'acknowledged entries are gone',
    ],
    [
      'its last entries were cut off, but not the head',
      `${DISABLE} delete from ledger.entry where chain = 1 and seq > 6; ${ENABLE}`,
      'not the last entry of the table',
    ],
    [
      'an entry in its midst was changed',
      `${DISABLE} update ledger.entry set envelope = replace(convert_from(envelope, 'UTF8'), 'fhir.create', 'fhir.update')::bytea
        where chain = 1 and seq = 4; ${ENABLE}`,
      'not the ones that were signed',
    ],
    [
      'an entry in its midst is missing',
      `${DISABLE} delete from ledger.entry where chain = 1 and seq = 4; ${ENABLE}`,
      'chain 1',
    ],
  ])(
    'is not served: %s',
    async (_what, statements, reason) => {
      await tamper(statements);
      const { code, stderr } = await runToEnd(server.dataDir);
      expect(stderr).toContain(reason);
      expect(stderr).toContain('chain 1');
      expect(code).toBe(2);
      expect(processesOf(server.dataDir)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'is served with the views as they were where only the views were lost',
    async () => {
      await tamper(
        `drop schema records_1 cascade; delete from projection.active where name = 'records'; delete from projection.position where name = 'records'`,
      );
      await server.start();
      expect((await clinic().get('Patient/p7')).status).toBe(200);
      expect((await clinic().get('Patient?_count=0')).json()).toMatchObject({ total: 10 });
    },
    TIMEOUT_MS,
  );
});

describe('the data directory', () => {
  eachOnItsOwn();

  it('has keys that nobody else may read', async () => {
    for (const name of ['kek', 'pseudonym', 'ledger-ed25519.pem', 'database-password']) {
      const { mode } = await stat(join(server.dataDir, 'keys', name));
      expect([name, (mode & 0o777).toString(8)]).toEqual([name, '600']);
    }
  });

  it('has no resource in the clear', async () => {
    const secret = 'Quetzalcoatl-Mirabilis';
    await clinic().put('Patient/s', {
      resourceType: 'Patient',
      id: 's',
      name: [{ family: secret }],
      identifier: [{ value: `${secret}-7` }],
    });
    expect((await clinic().get(`Patient?identifier=${secret}-7`)).json()).toMatchObject({ total: 1 });
    await server.stop();
    expect(await filesWith(server.dataDir, secret)).toEqual([]);
  });
});

/** Clients that write until the server is gone, and know what was acknowledged to them. */
class Traffic {
  private readonly records = new Set<string>();
  private readonly transactions = new Map<string, boolean>();
  private writers: Promise<void>[] = [];
  private stopped = false;
  private count = 0;

  get acknowledged(): number {
    return this.records.size;
  }

  begin(fhir: FhirHttp): void {
    this.stopped = false;
    this.writers = Array.from({ length: WRITERS }, (_, writer) => this.write(fhir, writer % 2 === 0));
  }

  /** The server has ended; what was under way comes to an end too. */
  async end(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.writers);
  }

  async check(fhir: FhirHttp): Promise<void> {
    const missing: string[] = [];
    const records = [...this.records];
    for (let at = 0; at < records.length; at += 32) {
      const answers = await Promise.all(records.slice(at, at + 32).map((record) => fhir.get(record)));
      answers.forEach(({ status }, more) => status === 200 || missing.push(records[at + more]));
    }
    expect(missing).toEqual([]);
    const partial: [string, unknown][] = [];
    for (const [mark, acknowledged] of this.transactions) {
      const { total } = (await fhir.get(`Observation?identifier=urn:run|${mark}&_count=0`)).json();
      if (total !== PARTS && (acknowledged || total !== 0)) partial.push([mark, total]);
    }
    expect(partial).toEqual([]);
  }

  private async write(fhir: FhirHttp, asTransactions: boolean): Promise<void> {
    while (!this.stopped) {
      try {
        await (asTransactions ? this.transaction(fhir) : this.single(fhir));
      } catch {
        return; // The connection broke: the server is gone.
      }
    }
  }

  private async single(fhir: FhirHttp): Promise<void> {
    const id = `s${this.count++}`;
    const { status } = await fhir.put(`Patient/${id}`, { resourceType: 'Patient', id });
    if (status === 201) this.records.add(`Patient/${id}`);
  }

  private async transaction(fhir: FhirHttp): Promise<void> {
    const mark = `t${this.count++}`;
    this.transactions.set(mark, false);
    const entry = Array.from({ length: PARTS }, (_, part) => ({
      resource: {
        resourceType: 'Observation',
        id: `${mark}-${part}`,
        identifier: [{ system: 'urn:run', value: mark }],
        status: 'final',
        code: { text: 'x' },
      },
      request: { method: 'PUT', url: `Observation/${mark}-${part}` },
    }));
    const { status } = await fhir.post('', { resourceType: 'Bundle', type: 'transaction', entry });
    if (status !== 200) return;
    this.transactions.set(mark, true);
    for (let part = 0; part < PARTS; part += 1) this.records.add(`Observation/${mark}-${part}`);
  }
}

/** Every chain verifies from its first entry on, with its payloads. */
async function expectSound(): Promise<void> {
  const verifiers = (await http(`${server.url}/ledger/keys`)).text.trimEnd().split('\n').map(parseVerifierKey);
  const { chains } = await readLedgerOverHttp(server.url, { payloads: true });
  for (const chain of chains) {
    const verdict = await verifyChain(
      chain,
      { origin: chainOrigin('chartledger.local', chain.chain), verifiers },
      { requirePayloads: true },
    );
    expect(verdict).toMatchObject({ ok: true, voidSubmissions: 0 });
  }
}

async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}
