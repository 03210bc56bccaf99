import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  readLedgerOverHttp,
  TILE_WIDTH,
  tilePath,
  tileWidth,
  writeLedgerDirectory,
  type LedgerSource,
} from '@chartledger/ledger';
import { HttpClient } from '../http-client.js';
import { print, thousands } from '../output.js';
import { describeVerdict } from '../verify/verify.command.js';
import { subjectFromDirectory, verifySubject } from '../verify/verify.js';
import { title } from './title.js';

const CHAIN = 1;
const LENGTH_BYTES = 2;

/** Copies the ledger into files, verifies the copy, changes one byte of it, and verifies it again. */
export async function tamperWithCopy(url: string, dir: string): Promise<void> {
  title('7. Was anything altered? Verify, then change one byte of a copy');
  const source = await readLedgerOverHttp(url, { payloads: true });
  await waitForCheckpoints(url);
  await writeLedgerDirectory(source, dir);
  await tell(dir, source.keys);

  const size = await signedSize(source, CHAIN);
  const seq = Math.floor(size / 2);
  await flipBit(dir, seq, size);
  print(`\nnow one bit of the entry at ${CHAIN}:${seq} is changed in the copy, of ${thousands(size)} entries:`);
  const isSound = await tell(dir, source.keys);
  if (isSound) throw new Error('a changed byte went unnoticed');
}

/** A copy ends with its last checkpoint: each chain is asked for a proof of its last entry, which waits for one. */
async function waitForCheckpoints(url: string): Promise<void> {
  const http = new HttpClient(url, 1);
  try {
    const chains = JSON.parse((await http.get('/ledger/chains')).body.toString('utf8')) as {
      chain: number;
      size: number;
    }[];
    for (const { chain, size } of chains) {
      if (size > 0) await http.get(`/ledger/chains/${chain}/entries/${size - 1}/proof`);
    }
  } finally {
    http.close();
  }
}

async function signedSize({ chains }: LedgerSource, chain: number): Promise<number> {
  const checkpoints = await chains.find((one) => one.chain === chain)!.checkpoints();
  return Math.max(...checkpoints.map(({ size }) => size));
}

async function tell(dir: string, keys: readonly string[]): Promise<boolean> {
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
