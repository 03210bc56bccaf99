import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@chartledger/database';
import {
  FhirHttp,
  ownerQuery,
  processesOf,
  registerSource,
  runToEnd,
  startTestServer,
  temporaryFolder,
  TestServer,
} from '@chartledger/testing';

const TIMEOUT_MS = 120_000;
const ANOTHER_KEY = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

let server: TestServer;
const clinic = (): FhirHttp => new FhirHttp(`${server.url}/fhir/clinic`);

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

  it('where the environment is not as it must be', async () => {
    await refuse('loopback', { HOST: '0.0.0.0' });
    await refuse('CHARTLEDGER_AUTH', { CHARTLEDGER_AUTH: 'on' });
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
