import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { poolOf } from '@chartledger/database';
import { eventually, startTestDatabase, temporaryFolder, type TestDatabase } from '@chartledger/testing';
import { subjectFromDirectory, subjectFromStore, verifySubject } from '../verify/verify.js';
import { backup, type BackupResult } from './backup.js';
import { type BackupStore } from './backup-store.js';
import { Refused } from './refused.js';
import { restore, type RestoreResult } from './restore.js';
import { signedToHead, treeOf } from './signed-to-head.js';
import { CHAINS, filesOf, TestLedger } from './test-ledger.fixture.js';

const TIMEOUT_MS = 120_000;

let database: TestDatabase;
let folder: string;
const opened: TestLedger[] = [];
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
  await rm(folder, { recursive: true });
});

async function open(keysOf?: TestLedger): Promise<TestLedger> {
  const ledger = await TestLedger.open(database, keysOf);
  opened.push(ledger);
  return ledger;
}

const backUp = (ledger: TestLedger, dir: string): Promise<BackupResult> => backup(ledger.backupStore, dir);
const restoreInto = (ledger: TestLedger, dir: string, store = ledger.backupStore): Promise<RestoreResult> =>
  restore(store, dir, () => subjectFromStore(ledger.store, true));

/** What was refused, as a command would say it. */
async function refusal(work: Promise<unknown>): Promise<{ reason: string; position?: string; message: string }> {
  const error = await work.then(
    () => new Refused('not_refused', 'it was done'),
    (reason: unknown) => reason,
  );
  const refused = Refused.of(error);
  if (!refused) throw error;
  return refused;
}

describe('a ledger that was backed up and restored', () => {
  it(
    'is the same, byte for byte, with the same checkpoints, whatever its chains were',
    async () => {
      const count = fc.oneof(fc.constantFrom(0, 1, 255, 256, 257, 2048), fc.integer({ min: 0, max: 900 }));
      const growth = fc.record({ chain: fc.constantFrom(...CHAINS), count });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(growth, { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
          async (rounds) => {
            const [dir, again] = [await temporaryFolder(), await temporaryFolder()];
            const original = await open();
            for (const round of rounds) {
              for (const { chain, count: entries } of round) await original.grow(chain, entries);
              await original.sign();
              await backUp(original, dir);
            }
            const target = await open(original);
            const { chains, keys } = await restoreInto(target, dir);
            expect(chains.map(({ chain, size }) => [chain, size])).toEqual(
              await Promise.all(
                CHAINS.map(async (chain) => [chain, (await original.store.ledger.head(chain)).seq + 1]),
              ),
            );
            expect(keys).toBeGreaterThanOrEqual(Math.max(...chains.map(({ size }) => Math.ceil(size / 7))));
            expect(await target.digest()).toBe(await original.digest());
            await backUp(target, again);
            expect(await filesOf(again)).toEqual(await filesOf(dir));
            for (const one of [dir, again]) await rm(one, { recursive: true });
          },
        ),
        { numRuns: 5 },
      );
    },
    TIMEOUT_MS,
  );

  it('goes on as the one chain it is: what is appended next links to what was restored', async () => {
    const original = await open();
    await original.grow(1, 300);
    await backUp(original, folder);
    const target = await open(original);
    await restoreInto(target, folder);
    await target.grow(1, 300);
    await target.sign();
    const verdicts = await verifySubject(await subjectFromStore(target.store, true), 1, () => undefined);
    expect(verdicts).toMatchObject([{ ok: true, size: 600, signedSize: 600 }]);
    expect(await backUp(target, folder)).toMatchObject({ chains: [{}, { from: 300, size: 600 }, {}] });
  });

  it(
    'goes on where it was interrupted, whichever write failed, and no server starts in between',
    async () => {
      const original = await open();
      await original.grow(1, 4_500);
      await original.grow(2, 700);
      await backUp(original, folder);
      const target = await open(original);
      const refused = new Set<number>();
      let interruptions = 0;
      for (;;) {
        const store = breakingAt(target.backupStore, interruptions + 1);
        const done = await restoreInto(target, folder, store).then(
          () => true,
          (error: Error) => {
            expect(error.message).toContain('the power failed');
            return false;
          },
        );
        if (done) break;
        interruptions += 1;
        for (const chain of [1, 2]) {
          const { seq } = await target.store.ledger.head(chain);
          const size = chain === 1 ? 4_500 : 700;
          if (seq + 1 === size) continue;
          refused.add(seq + 1);
          await expect(treeOf(target.backupStore, chain).start()).rejects.toMatchObject({ code: 'integrity' });
        }
      }
      expect(interruptions).toBeGreaterThan(5);
      expect([...refused].sort((a, b) => a - b)).toEqual([0, 2_000]);
      expect(await target.digest()).toBe(await original.digest());
    },
    TIMEOUT_MS,
  );

  it('has the destroyed keys destroyed, those that only the backup or only the target knows of too', async () => {
    const original = await open();
    await original.grow(1, 100);
    const destroy = async ({ store }: TestLedger, offset: number): Promise<string> => {
      const pool = poolOf(store.source);
      const { rows } = await pool.query<{ id: string }>(
        `update security.data_key set wrapped = null
         where id = (select id from security.data_key order by id offset ${offset} limit 1) returning id`,
      );
      return rows[0].id;
    };
    await backUp(original, folder);
    const target = await open(original);
    await restoreInto(target, folder);
    const gone = [await destroy(original, 1), await destroy(target, 2)];
    await backUp(original, folder);
    expect((await readFile(join(folder, 'keystore'), 'utf8')).match(/"wrapped":null/g)).toHaveLength(1);
    await restoreInto(target, folder);
    const { rows } = await poolOf(target.store.source).query<{ id: string }>(
      'select id from security.data_key where wrapped is null order by id',
    );
    expect(rows.map(({ id }) => id)).toEqual(gone.sort());
  });
});

/** The store that fails at its `count`-th write, once and for all. */
function breakingAt(store: BackupStore, count: number): BackupStore {
  let writes = 0;
  const breaking = <T extends object>(part: T, ...methods: (keyof T)[]): T => {
    const copy = Object.create(part) as T;
    for (const method of methods) {
      const original = part[method] as (...args: unknown[]) => unknown;
      copy[method] = (async (...args: unknown[]) => {
        writes += 1;
        if (writes >= count) throw new Error('the power failed');
        return original.apply(part, args);
      }) as T[keyof T];
    }
    return copy;
  };
  return {
    ...store,
    ledger: breaking(store.ledger, 'append'),
    checkpoints: breaking(store.checkpoints, 'addTiles', 'addCheckpoints'),
    keyStore: breaking(store.keyStore, 'add'),
  };
}

describe('a backup', () => {
  it('verifies by itself, and holds no key that opens it', async () => {
    const ledger = await open();
    await ledger.grow(1, 600);
    await backUp(ledger, folder);
    const verdicts = await verifySubject(await subjectFromDirectory(folder, [], true), undefined, () => undefined);
    expect(verdicts).toMatchObject([
      { ok: true, size: 0 },
      { ok: true, size: 600, payloads: 600 },
      { ok: true, size: 0 },
    ]);
    const { keys } = ledger.store;
    const secrets = [keys.kek, keys.pseudonym, keys.signing.export({ type: 'pkcs8', format: 'der' }).subarray(-32)];
    for (const path of (await filesOf(folder)).keys()) {
      const content = await readFile(join(folder, path));
      for (const secret of secrets) {
        for (const form of ['latin1', 'base64', 'hex'] as const) {
          expect(content.includes(Buffer.from(secret.toString(form), 'latin1'))).toBe(false);
        }
      }
    }
    expect((await stat(join(folder, 'keystore'))).mode & 0o777).toBe(0o600);
  });

  it('has what was appended and not signed when its server was killed: it is signed first', async () => {
    const ledger = await open();
    await ledger.grow(1, 10);
    await ledger.sign();
    await ledger.grow(1, 5);
    expect(await backUp(ledger, folder)).toMatchObject({ chains: [{}, { size: 15 }, {}] });
  });

  it('waits for the server that has the chain to sign, and does not sign for it', async () => {
    const ledger = await open();
    await ledger.sign();
    const server = await ledger.backupStore.own(1);
    await ledger.grow(1, 5);
    let attempts = 0;
    const own = (chain: number): ReturnType<BackupStore['own']> => {
      attempts += 1;
      return ledger.backupStore.own(chain);
    };
    const asked = signedToHead({ ...ledger.backupStore, own }, 1);
    await eventually('it has looked more than once', () => attempts > 2);
    expect(await ledger.store.checkpoints.last(1)).toMatchObject({ size: 0 });
    // What the server does within a second.
    await treeOf(ledger.backupStore, 1).start();
    expect(await asked).toMatchObject({ size: 5 });
    await server.release();
  });

  it('is refused when the ledger has lost entries that were signed', async () => {
    const ledger = await open();
    await ledger.grow(1, 30);
    await ledger.sign();
    const older = await open(ledger);
    await older.grow(1, 20);
    await cp(join(ledger.dataDir, 'checkpoints'), join(older.dataDir, 'checkpoints'), { recursive: true });
    expect(await refusal(backUp(older, folder))).toMatchObject({ reason: 'tail_cut', position: '1:20' });
  });

  it('is refused into the folder of another ledger, of an older way of this one, or of something else', async () => {
    const [ledger, other] = [await open(), await open()];
    await ledger.grow(1, 300);
    await backUp(ledger, folder);
    const before = await filesOf(folder);
    expect(await refusal(backUp(other, folder))).toMatchObject({ reason: 'foreign_folder' });

    const fork = await open(ledger);
    await fork.grow(1, 280);
    await fork.grow(1, 300, 9_000);
    expect(await refusal(backUp(fork, folder))).toMatchObject({ reason: 'fork', position: '1:280' });
    const shorter = await open(ledger);
    await shorter.grow(1, 120);
    expect(await refusal(backUp(shorter, folder))).toMatchObject({ reason: 'tail_cut', position: '1:120' });
    expect(await filesOf(folder)).toEqual(before);

    const letters = await temporaryFolder();
    await writeFile(join(letters, 'letter.txt'), 'Dear Ann');
    expect(await refusal(backUp(ledger, letters))).toMatchObject({ reason: 'not_a_backup' });
    await rm(letters, { recursive: true });
  });
});

describe('a restore is refused, and writes nothing', () => {
  it(
    'when any byte of any file was changed, or a file is missing',
    async () => {
      const original = await open();
      await original.grow(0, 3);
      await original.grow(1, 600);
      await original.sign();
      await original.grow(1, 100);
      await backUp(original, folder);
      const target = await open(original);
      const empty = await target.digest();
      const paths = [...(await filesOf(folder)).keys()];
      expect(paths.length).toBeGreaterThan(20);
      const anyChange = fc.record({ where: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) });
      for (const path of paths) {
        const file = join(folder, path);
        const bytes = await readFile(file);
        await fc.assert(
          fc.asyncProperty(anyChange, async ({ where, bit }) => {
            const altered = Buffer.from(bytes);
            altered[where % bytes.length] ^= 1 << bit;
            // When a checkpoint was signed no signature covers (docs/ledger-format.md).
            fc.pre(bytes.length > 0 && !(path.endsWith('checkpoints') && onlyTimesDiffer(bytes, altered)));
            await writeFile(file, altered);
            const { reason } = await refusal(restoreInto(target, folder));
            expect({ path, reason }).not.toEqual({ path, reason: 'not_refused' });
          }),
          { numRuns: 3 },
        );
        await rm(file);
        const { reason } = await refusal(restoreInto(target, folder));
        expect({ path, reason }).not.toEqual({ path, reason: 'not_refused' });
        await writeFile(file, bytes);
      }
      expect(await target.digest()).toBe(empty);
      await restoreInto(target, folder);
      expect(await target.digest()).toBe(await original.digest());
    },
    TIMEOUT_MS,
  );

  it('when the target is not empty, naming what is there', async () => {
    const original = await open();
    await original.grow(1, 300);
    await backUp(original, folder);
    const used = await open(original);
    await used.grow(0, 2);
    await used.grow(1, 100, 9_000);
    const before = await used.digest();
    const { reason, position, message } = await refusal(restoreInto(used, folder));
    expect([reason, position]).toEqual(['not_empty', '0:0']);
    expect(message).toContain('chain 0 has 2 entries, chain 1 has 100 entries');
    expect(await used.digest()).toBe(before);

    const apart = await open(original);
    await apart.grow(1, 150);
    await apart.grow(1, 10, 9_000);
    expect(await refusal(restoreInto(apart, folder))).toMatchObject({ reason: 'not_empty', position: '1:150' });
    const further = await open(original);
    await further.grow(1, 301);
    expect(await refusal(restoreInto(further, folder))).toMatchObject({ reason: 'not_empty', position: '1:300' });
  });

  it('when more was signed than the backup has', async () => {
    const original = await open();
    await original.grow(1, 300);
    await backUp(original, folder);
    await original.grow(1, 5);
    await original.sign();
    const target = await open(original);
    await cp(join(original.dataDir, 'checkpoints'), join(target.dataDir, 'checkpoints'), { recursive: true });
    expect(await refusal(restoreInto(target, folder))).toMatchObject({ reason: 'tail_cut', position: '1:300' });
  });

  it('when the backup was interrupted before it was whole', async () => {
    const original = await open();
    await original.grow(1, 300);
    const target = await open(original);
    const lost = (): AsyncGenerator<never> => {
      throw new Error('the power failed');
    };
    const keyless = Object.assign(Object.create(original.backupStore.keyStore), { keys: lost });
    const interrupted = { ...original.backupStore, keyStore: keyless };
    await expect(backup(interrupted, folder)).rejects.toThrow('the power failed');
    expect(await refusal(restoreInto(target, folder))).toMatchObject({ reason: 'keystore_missing' });
    await backUp(original, folder);
    await original.grow(1, 30, 5_000);
    await expect(backup(interrupted, folder)).rejects.toThrow('the power failed');
    expect(await refusal(restoreInto(target, folder))).toMatchObject({ reason: 'not_finished' });
    await rm(join(folder, 'chains', '2'), { recursive: true });
    expect(await refusal(restoreInto(target, folder))).toMatchObject({ reason: 'not_finished' });
    await backUp(original, folder);
    expect(await restoreInto(target, folder)).toMatchObject({ chains: [{}, { size: 330 }, {}] });
  });

  it('when another process writes to the target, or it has too few chains', async () => {
    const original = await open();
    await original.grow(2, 3);
    await backUp(original, folder);
    const target = await open(original);
    const server = await target.backupStore.own(1);
    await expect(restoreInto(target, folder)).rejects.toMatchObject({ code: 'configuration' });
    await server.release();
    const narrow = { ...target.backupStore, chains: [0, 1] };
    await expect(restoreInto(target, folder, narrow)).rejects.toThrow('CHARTLEDGER_CHAINS to 2');
    expect(await target.entries(2)).toEqual([]);
  });
});

/** Whether two texts of checkpoints say the same but for the times, which both have in their form. */
function onlyTimesDiffer(one: Buffer, other: Buffer): boolean {
  const withoutTimes = (text: Buffer): string =>
    text.toString('latin1').replace(/"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g, '');
  return withoutTimes(one) === withoutTimes(other);
}
