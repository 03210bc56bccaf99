import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DraftFile } from '@chartledger/ledger';
import { type StoredKey } from '@chartledger/security';
import { Refused } from './refused.js';

/** Lines handed out at a time. */
const BATCH = 5_000;

/** The wrapped data keys: one JSON line {id, owner, wrapped} each, by id, and a last line {keys, sha256} over those before it. */
export const keyStoreFile = (dir: string): string => join(dir, 'keystore');

/**
 * Puts the key store in the place of the one that the folder held: only so does a key that was destroyed since vanish from
 * the backup too. For the owner's eyes.
 */
export async function writeKeyStoreFile(dir: string, keys: AsyncIterable<StoredKey[]>): Promise<number> {
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
    await draft.file.writeFile(`${JSON.stringify({ keys: count, sha256: hash.digest('hex') })}\n`);
  } catch (error) {
    await draft.abandon();
    throw error;
  }
  await draft.finish();
  return count;
}

/** The keys in the file, and at its end the check that these are all, as they were written. @throws Refused when they are not. */
export async function* readKeyStoreFile(dir: string): AsyncGenerator<StoredKey[]> {
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
  if (last !== JSON.stringify({ keys: count, sha256: hash.digest('hex') })) throw altered(path);
  yield batch;
}

function lineOf({ id, owner, wrapped }: StoredKey): string {
  return `${JSON.stringify({ id, owner, wrapped: wrapped && wrapped.toString('base64') })}\n`;
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

function altered(path: string): Refused {
  return new Refused(
    'keystore_altered',
    `${path} is not as the backup wrote it: it was altered or cut. Take it from another copy of the backup`,
  );
}
