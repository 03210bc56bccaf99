import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatVerifierKey, TILE_WIDTH, tilePath, tileWidth, writeLedgerDirectory } from '@chartledger/ledger';
import { type RunningServer } from '../../../chartledger/src/server.js';
import { print, thousands } from '../output.js';
import { describeVerdict } from '../verify/verify.command.js';
import { subjectFromDirectory, subjectFromStore, verifySubject } from '../verify/verify.js';
import { title } from './title.js';

const CHAIN = 1;
const LENGTH_BYTES = 2;
/** A checkpoint is signed within a second of an entry. */
const CHECKPOINT_DEADLINE_MS = 10_000;

/** Copies the ledger into files, verifies the copy, changes one byte of it, and verifies it again. */
export async function tamperWithCopy({ assembly }: RunningServer, dir: string): Promise<void> {
  title('7. Was anything altered? Verify, then change one byte of a copy');
  const { store, trees } = assembly;
  const tree = trees.get(CHAIN)!;
  // A copy ends with its last checkpoint, so it waits for one that covers all there is.
  for (const one of trees.values()) await one.covering(one.size - 1, CHECKPOINT_DEADLINE_MS);
  const { chains, verifiers } = await subjectFromStore(store, true);
  const keys = verifiers.map(formatVerifierKey);
  await writeLedgerDirectory({ keys, chains }, dir);
  await tell(dir, keys);

  const seq = Math.floor(tree.checkpoint.size / 2);
  await flipBit(dir, seq, tree.checkpoint.size);
  print(
    `\nnow one bit of the entry at ${CHAIN}:${seq} is changed in the copy, of ${thousands(tree.checkpoint.size)} entries:`,
  );
  const isSound = await tell(dir, keys);
  if (isSound) throw new Error('a changed byte went unnoticed');
}

async function tell(dir: string, keys: string[]): Promise<boolean> {
  const verdicts = await verifySubject(await subjectFromDirectory(dir, keys, true), undefined, () => undefined);
  for (const verdict of verdicts) print(describeVerdict(verdict));
  return verdicts.every((verdict) => verdict.ok);
}

/** Changes the envelope in its entry bundle: uint16 length, then the bytes, one after the other. */
async function flipBit(dir: string, seq: number, size: number): Promise<void> {
  const index = Math.floor(seq / TILE_WIDTH);
  const file = join(
    dir,
    'chains',
    String(CHAIN),
    tilePath({ level: 'entries', index, width: tileWidth(0, index, size) }),
  );
  const bundle = await readFile(file);
  let offset = 0;
  for (let entry = index * TILE_WIDTH; entry < seq; entry += 1) offset += LENGTH_BYTES + bundle.readUInt16BE(offset);
  const middle = offset + LENGTH_BYTES + Math.floor(bundle.readUInt16BE(offset) / 2);
  bundle[middle] ^= 1;
  await writeFile(file, bundle);
}
