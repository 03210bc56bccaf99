import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { stat, writeFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { joinParts, migrate, openDataSource, poolOf } from '@chartledger/database';
import { Metrics } from '@chartledger/platform';
import { startTestDatabase, temporaryFolder, type TestDatabase } from '@chartledger/testing';
import { rm } from 'node:fs/promises';
import { type DataSource } from 'typeorm';
import { DataKeys } from './data-keys.js';
import { openKeys } from './identity.js';
import { addKeyMetrics } from './key-metrics.js';
import { securityTables } from './security.tables.js';

const TABLES = joinParts(securityTables);
const owner = (name: string): string => createHash('sha256').update(name).digest('hex');

let database: TestDatabase;
const opened: DataSource[] = [];
const folders: string[] = [];
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(async () => {
  for (const source of opened) await source.destroy();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
  await database.stop();
});

async function freshSource(): Promise<DataSource> {
  const connection = await database.another();
  await migrate(connection, TABLES);
  const source = await openDataSource(connection, TABLES);
  opened.push(source);
  return source;
}

async function freshFolder(): Promise<string> {
  const folder = await temporaryFolder();
  folders.push(folder);
  return folder;
}

describe('the keys of a ledger', () => {
  it('are made once, for their owner alone, and found again', async () => {
    const [source, folder] = [await freshSource(), await freshFolder()];
    const kek = join(folder, 'keys', 'kek');
    const first = await openKeys(source, folder, kek, 'a.example');
    const again = await openKeys(source, folder, kek, 'a.example');
    expect(again.kek.equals(first.kek) && again.pseudonym.equals(first.pseudonym)).toBe(true);
    expect(again.signing.equals(first.signing)).toBe(true);
    for (const name of ['kek', 'pseudonym', 'ledger-ed25519.pem']) {
      expect((await stat(join(folder, 'keys', name))).mode & 0o777).toBe(0o600);
    }
  });

  it('take a key-encryption key that was placed beforehand', async () => {
    const [source, folder, elsewhere] = [await freshSource(), await freshFolder(), await freshFolder()];
    const kek = join(elsewhere, 'kek');
    const secret = randomBytes(32);
    await writeFile(kek, secret.toString('base64'));
    expect((await openKeys(source, folder, kek, 'a.example')).kek.equals(secret)).toBe(true);
  });

  it.each(['kek', 'pseudonym', 'ledger-ed25519.pem'])('are never made anew where %s is missing', async (name) => {
    const [source, folder] = [await freshSource(), await freshFolder()];
    const kek = join(folder, 'keys', 'kek');
    await openKeys(source, folder, kek, 'a.example');
    await unlink(join(folder, 'keys', name));
    await expect(openKeys(source, folder, kek, 'a.example')).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(name),
    });
    await expect(stat(join(folder, 'keys', name))).rejects.toThrow('ENOENT');
  });

  it('are held to their ledger: those of another, or another origin, are refused', async () => {
    const [source, folder, other] = [await freshSource(), await freshFolder(), await freshFolder()];
    await openKeys(source, folder, join(folder, 'keys', 'kek'), 'a.example');
    await openKeys(await freshSource(), other, join(other, 'keys', 'kek'), 'a.example');
    await expect(openKeys(source, other, join(other, 'keys', 'kek'), 'a.example')).rejects.toMatchObject({
      code: 'configuration',
    });
    await expect(openKeys(source, folder, join(folder, 'keys', 'kek'), 'b.example')).rejects.toThrow(
      'CHARTLEDGER_ORIGIN',
    );
  });
});

describe('data keys', () => {
  it('are one for each owner, whichever process asks first', async () => {
    const source = await freshSource();
    const kek = randomBytes(32);
    const owners = new Set(Array.from({ length: 40 }, (_, at) => owner(`patient ${at}`)));
    const processes = Array.from({ length: 4 }, () => new DataKeys(source, kek));
    const answers = await Promise.all(processes.map((keys) => keys.ensure(owners, new Set())));
    for (const one of owners) {
      expect(new Set(answers.map((keys) => keys.get(one)!.secret.toString('hex'))).size).toBe(1);
    }
    const ids = new Set([...answers[0].values()].map(({ id }) => id));
    expect(ids.size).toBe(owners.size);
    const found = await new DataKeys(source, kek).byIds(ids);
    for (const key of answers[0].values()) expect(found.get(key.id)!.secret.equals(key.secret)).toBe(true);
  });

  it('are stored wrapped only, and open under no other key, for no other owner', async () => {
    const source = await freshSource();
    const kek = randomBytes(32);
    const [one, two] = [owner('one'), owner('two')];
    const keys = await new DataKeys(source, kek).ensure(new Set([one, two]), new Set());
    const pool = poolOf(source);
    const { rows } = await pool.query<{ wrapped: Buffer }>('select wrapped from security.data_key');
    for (const { wrapped } of rows) {
      for (const { secret } of keys.values()) expect(wrapped.includes(secret)).toBe(false);
    }
    await expect(new DataKeys(source, randomBytes(32)).ensure(new Set([one]), new Set())).rejects.toThrow(
      'does not open',
    );
    await pool.query(`update security.data_key k set wrapped = o.wrapped from security.data_key o where k.id <> o.id`);
    await expect(new DataKeys(source, kek).ensure(new Set([one]), new Set())).rejects.toThrow('does not open');
  });

  it('that were destroyed are not found, and those that never were are an error', async () => {
    const source = await freshSource();
    const kek = randomBytes(32);
    const one = owner('one');
    const key = (await new DataKeys(source, kek).ensure(new Set([one]), new Set())).get(one)!;
    await poolOf(source).query('update security.data_key set wrapped = null');
    const later = new DataKeys(source, kek);
    expect((await later.byIds(new Set([key.id]))).get(key.id)).toBeUndefined();
    await expect(later.byIds(new Set(['00000000-0000-4000-8000-000000000000']))).rejects.toThrow('backup');
  });

  it('are counted by where they came from', async () => {
    const source = await freshSource();
    const kek = randomBytes(32);
    const owners = new Set(['one', 'two', 'three'].map(owner));
    const first = new DataKeys(source, kek);
    await first.ensure(owners, new Set());
    await first.ensure(owners, new Set());
    expect(first.lookups).toEqual({ cache: 3, store: 0, made: 3 });
    const second = new DataKeys(source, kek);
    const keys = [...(await second.ensure(owners, new Set())).values()];
    await second.byIds(new Set(keys.map(({ id }) => id)));
    const metrics = new Metrics();
    addKeyMetrics(metrics, second);
    expect(await metrics.registry.getSingleMetricAsString('chartledger_key_lookups_total')).toContain(
      'chartledger_key_lookups_total{from="store"} 3',
    );
    expect(second.lookups).toEqual({ cache: 3, store: 3, made: 0 });
  });

  it('cannot be deleted by the application', async () => {
    const source = await freshSource();
    await expect(poolOf(source).query('delete from security.data_key')).rejects.toThrow('permission denied');
  });
});
