import { readFile } from 'node:fs/promises';
import {
  chainFolder,
  checkpointFile,
  CopiedChain,
  faultsOf,
  ChainFaultError,
  FormatError,
  noteVerifier,
  readLedgerDirectory,
  rootOf,
  TILE_WIDTH,
  tilesOfTree,
  type ChainFault,
  type ChainSource,
  type SignedCheckpoint,
  type SoundChain,
} from '@chartledger/ledger';
import { verifySubject } from '../verify/verify.js';
import { requireKeysFile } from './backup-folder.js';
import { type BackupStore } from './backup-store.js';
import { type OnChain } from './backup.js';
import { readKeyStoreFile } from './key-store-file.js';
import { Refused } from './refused.js';

/** A chain of a backup that was found sound up to its last checkpoint. */
export interface BackedUpChain {
  chain: number;
  source: ChainSource;
  copied: CopiedChain;
  checkpoints: SignedCheckpoint[];
  checkpoint: SignedCheckpoint;
  /** Of the checkpoint, in hex. */
  root: string;
}

/** The chains of a backup. Nothing is verified yet. @throws Refused when there is one that was never finished. */
export async function chainsOfFolder(dir: string): Promise<Omit<BackedUpChain, 'root'>[]> {
  const { keys, chains } = await readLedgerDirectory(dir).catch(asRefused(dir));
  if (chains.length < keys.length) {
    throw notFinished(`${dir} holds ${chains.length} of ${keys.length} chains`);
  }
  const found: Omit<BackedUpChain, 'root'>[] = [];
  for (const source of chains) {
    const folder = chainFolder(dir, source.chain);
    const checkpoints = await source.checkpoints().catch(asRefused(folder));
    const checkpoint = checkpoints.at(-1);
    if (!checkpoint) throw notFinished(`${folder} has no checkpoint`);
    found.push({ chain: source.chain, source, copied: new CopiedChain(folder), checkpoints, checkpoint });
  }
  return found;
}

function asRefused(folder: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    if (error instanceof FormatError) throw new Refused('altered', `${folder}: ${error.message}: it was altered`);
    if (error.code === 'ENOENT') throw notFinished(`${error.path} is missing`);
    throw error;
  };
}

function notFinished(what: string): Refused {
  return new Refused('not_finished', `${what}: the backup was interrupted (run it again), or files were removed`);
}

/**
 * Holds every file of a backup to the keys of this ledger: verifier keys, entries, payloads, checkpoints, tiles, data keys.
 * @param known checkpoints of a chain that are known here: a backup that contradicts one of them, or ends before it, is refused.
 * @throws ChainFaultError, Refused
 */
export async function checkFolder(
  store: BackupStore,
  dir: string,
  chains: readonly Omit<BackedUpChain, 'root'>[],
  known: (chain: number) => Promise<SignedCheckpoint[]>,
  onChain: OnChain,
): Promise<BackedUpChain[]> {
  const signers = chains.map(({ chain }) => store.signer(chain));
  await requireKeysFile(dir, signers);
  const subject = {
    chains: chains.map(({ source, checkpoint }) => upTo(source, checkpoint.size, known)),
    verifiers: signers.map((signer) => noteVerifier(signer.name, signer.publicKey)),
    trustsItsOwnKeys: false,
    requirePayloads: true,
  };
  const sizes = new Map(chains.map(({ chain, checkpoint }) => [chain, checkpoint.size]));
  const verdicts = await verifySubject(subject, undefined, (chain, done) => onChain(chain, done, sizes.get(chain)!));
  const checked = chains.map((one, index): BackedUpChain => {
    const verdict = verdicts[index];
    if (!verdict.ok) throw new ChainFaultError(verdict);
    return { ...one, root: (verdict as SoundChain).root };
  });
  for (const chain of checked) await requireFilesOf(chain);
  for await (const keys of readKeyStoreFile(dir, sizesOf(chains)))
    for (const key of keys) store.keyStore.requireOpens(key);
  return checked;
}

/** Of each chain, by its number. */
export function sizesOf(chains: readonly Pick<BackedUpChain, 'chain' | 'checkpoint'>[]): Record<string, number> {
  return Object.fromEntries(chains.map(({ chain, checkpoint }) => [chain, checkpoint.size]));
}

/** What an interrupted backup left after its last checkpoint is no part of it. */
function upTo(source: ChainSource, size: number, known: (chain: number) => Promise<SignedCheckpoint[]>): ChainSource {
  return {
    chain: source.chain,
    checkpoints: async () => [...(await source.checkpoints()), ...(await known(source.chain))],
    entries: (from, to = size) => source.entries(from, Math.min(to, size)),
    tile: (tile) => source.tile!(tile),
  };
}

/** What a verification does not read: the tiles above the leaves, the checkpoint by itself, times that are no times. */
async function requireFilesOf({ chain, copied, checkpoint, checkpoints }: BackedUpChain): Promise<void> {
  const altered = (seq: number, reason: ChainFault['reason'], detail: string): ChainFaultError =>
    new ChainFaultError(faultsOf(chain)(seq, reason, detail));
  for (const { size, time } of checkpoints) {
    if (isTime(time)) continue;
    throw altered(
      Math.max(0, size - 1),
      'checkpoint_invalid',
      `the time of the checkpoint of size ${size} was altered`,
    );
  }
  const last = await readFile(checkpointFile(copied.folder), 'utf8').catch(() => '');
  if (last !== checkpoint.note) {
    throw altered(
      Math.max(0, checkpoint.size - 1),
      'checkpoint_invalid',
      'the file checkpoint is not the last of checkpoints',
    );
  }
  for (const { level, index, width } of tilesOfTree(checkpoint.size)) {
    if (await isTileOf(copied, level, index, width)) continue;
    const first = index * TILE_WIDTH ** (level + 1);
    throw altered(first, 'tile_mismatch', `tile ${level}/${index} is missing or was altered; its first entry is named`);
  }
}

async function isTileOf(copied: CopiedChain, level: number, index: number, width: number): Promise<boolean> {
  try {
    const hashes = await copied.hashes(level, index, width);
    // The leaves were held to the entries.
    if (level === 0) return true;
    const roots: Buffer[] = [];
    for (let child = 0; child < width; child += 1) {
      roots.push(rootOf(await copied.hashes(level - 1, index * TILE_WIDTH + child, TILE_WIDTH)));
    }
    return hashes.equals(Buffer.concat(roots));
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

function isTime(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text;
}
