import { createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DraftFile } from '@chartledger/ledger';
import { type StoredKey } from '@chartledger/security';
import { Refused } from './refused.js';

/** Lines handed out at a time. */
const BATCH = 5_000;

/** Where each chain of the backup ended when its key store was written: sizes by the chain's number. */
export type Sizes = Readonly<Record<string, number>>;

/** The wrapped data keys: one JSON line {id, owner, wrapped} each, by id, and a last line {keys, sizes, sha256} over all of it. */
export const keyStoreFile = (dir: string): string => join(dir, 'keystore');

/**
 * Puts the key store in the place of the one that the folder held: only so does a key that was destroyed since vanish from
 * the backup too. For the owner's eyes.
 */
export async function writeKeyStoreFile(dir: string, keys: AsyncIterable<StoredKey[]>, sizes: Sizes): Promise<number> {
  const draft = await DraftFile.create(keyStoreFile(dir), 0o600);
  const hash = createHash('sha256');
  let count = 0;
  try {
    for await (const batch of keys) {
      const lines = batch.map(lineOf).join('');
      hash.update(lines);
      count += batch.length;
      await draft.file.writeFile(lines);
    }
    await draft.file.writeFile(`${lastLine(count, sizes, hash)}\n`);
  } catch (error) {
    await draft.abandon();
    throw error;
  }
  await draft.finish();
  return count;
}

/**
 * The keys in the file, and at its end the check that these are all, as they were written, for chains of these sizes.
 * @throws Refused when they are not.
 */
export async function* readKeyStoreFile(dir: string, sizes: Sizes): AsyncGenerator<StoredKey[]> {
  const path = keyStoreFile(dir);
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Refused(
      'keystore_missing',
      `${path} is not there: the backup was interrupted, or the key store is kept elsewhere. Without it nothing in the ledger can be read: put it back, or finish the backup`,
    );
  });
  const hash = createHash('sha256');
  let batch: StoredKey[] = [];
  let count = 0;
  let last = '';
  try {
    for await (const line of file.readLines()) {
      if (last !== '') {
        hash.update(`${last}\n`);
        batch.push(keyOf(path, last));
        count += 1;
      }
      last = line;
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
  } finally {
    await file.close();
  }
  const written = sizesOf(path, last);
  if (last !== lastLine(count, written, hash)) throw altered(path);
  const later = Object.keys(sizes).find((chain) => sizes[chain] > (written[chain] ?? 0));
  if (later !== undefined) throw notFinished(path, later);
  yield batch;
}

function lineOf({ id, owner, wrapped }: StoredKey): string {
  return `${JSON.stringify({ id, owner, wrapped: wrapped && wrapped.toString('base64') })}\n`;
}

function lastLine(keys: number, sizes: Sizes, hash: Hash): string {
  hash.update(JSON.stringify({ keys, sizes }));
  return JSON.stringify({ keys, sizes, sha256: hash.digest('hex') });
}

function sizesOf(path: string, line: string): Sizes {
  try {
    const { sizes } = JSON.parse(line) as { sizes?: Sizes };
    if (sizes) return sizes;
  } catch {
    // Said below.
  }
  throw altered(path);
}

/** A line has one form: any other was altered. */
function keyOf(path: string, line: string): StoredKey {
  try {
    const { id, owner, wrapped } = JSON.parse(line) as { id: string; owner: string; wrapped: string | null };
    const key = { id, owner, wrapped: wrapped === null ? null : Buffer.from(wrapped, 'base64') };
    if (lineOf(key) === `${line}\n`) return key;
  } catch {
    // Said below.
  }
  throw altered(path);
}

function notFinished(path: string, chain: string): Refused {
  return new Refused(
    'not_finished',
    `${path} is older than chain ${chain} beside it: the backup was interrupted before it had the keys of the newest entries. Run the backup again`,
  );
}

function altered(path: string): Refused {
  return new Refused(
    'keystore_altered',
    `${path} is not as the backup wrote it: it was altered or cut. Take it from another copy of the backup`,
  );
}
