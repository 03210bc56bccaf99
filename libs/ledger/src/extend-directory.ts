import { type ChainSource } from './chain-source.js';
import { CopiedChain } from './copied-chain.js';
import { CopyExtension } from './copy-extension.js';
import { type NoteVerifier } from './note-key.js';
import { type SignedCheckpoint } from './signed-checkpoint.js';

/** What was copied: entries `from` to `size`, and the checkpoint that the copy ends with (none: nothing was ever signed). */
export interface ChainCopy {
  chain: number;
  from: number;
  size: number;
  checkpoint: SignedCheckpoint | undefined;
}

/**
 * Copies a chain into a folder up to its last checkpoint, or adds to the copy that is there what is new: files that are
 * complete are not written again. Entries are held to the one before them on the way, the end to the checkpoint, and what
 * the folder holds to the chain. Streams; memory does not grow with the chain. After an interruption it can be done again:
 * the folder is a sound copy up to its last checkpoint at every moment.
 * @param verifiers the keys that the chain's checkpoints are signed with.
 * @throws ChainFaultError when the chain is not sound, or the folder holds what is no beginning of it.
 */
export async function extendChainDirectory(
  source: ChainSource,
  folder: string,
  verifiers: readonly NoteVerifier[],
  onProgress: (entries: number) => void = () => undefined,
): Promise<ChainCopy> {
  const copied = new CopiedChain(folder);
  const held = await copied.lastCheckpoint();
  const from = held?.size ?? 0;
  const signed = (await source.checkpoints(from)).filter(({ size }) => size >= from).sort((a, b) => a.size - b.size);
  const checkpoint = signed.at(-1);
  const work = new CopyExtension(source, copied, verifiers, from, checkpoint?.size ?? 0);
  if (held) await work.holdFolderTo(held);
  if (!checkpoint) {
    if (held) throw await work.notExtended();
    await copied.addCheckpoints([]);
    return { chain: source.chain, from, size: 0, checkpoint };
  }
  if (held && checkpoint.size === from) {
    if (!work.rootOf(checkpoint).equals(work.rootOf(held))) throw await work.notExtended();
    // What an interruption after the last checkpoint left undone.
    await copied.showCheckpoint(held);
    await work.removeOldEdge();
    return { chain: source.chain, from, size: from, checkpoint: held };
  }
  await work.copy(checkpoint, onProgress);
  await copied.addCheckpoints(signed.filter(({ size }) => !held || size > from));
  await work.removeOldEdge();
  return { chain: source.chain, from, size: checkpoint.size, checkpoint };
}
