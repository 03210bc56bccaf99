import { type ChainSource, type LedgerSource } from './chain-source.js';
import { chainFolder, keysFile } from './directory-layout.js';
import { replaceFile } from './draft-file.js';
import { type ChainCopy, extendChainDirectory } from './extend-directory.js';
import { parseVerifierKey } from './note-key.js';

/**
 * Copies a ledger into `dir`, or adds what is new to the copy that is there. Each chain ends with its last checkpoint: what
 * comes after is not signed yet. The source's own keys are believed.
 * @throws as extendChainDirectory; what was copied before the refusal stays.
 */
export async function writeLedgerDirectory(
  source: LedgerSource,
  dir: string,
  onProgress: (chain: ChainSource, entries: number) => void = () => undefined,
): Promise<ChainCopy[]> {
  const verifiers = source.keys.map(parseVerifierKey);
  await replaceFile(keysFile(dir), source.keys.map((key) => `${key}\n`).join(''));
  const copies: ChainCopy[] = [];
  for (const chain of source.chains) {
    const folder = chainFolder(dir, chain.chain);
    copies.push(await extendChainDirectory(chain, folder, verifiers, (entries) => onProgress(chain, entries)));
  }
  return copies;
}
