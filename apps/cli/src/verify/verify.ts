import {
  chainOrigin,
  ledgerChainSource,
  noteVerifier,
  parseVerifierKey,
  readLedgerDirectory,
  readLedgerOverHttp,
  TILE_WIDTH,
  verifyChain,
} from '@chartledger/ledger';
import {
  type ChainSource,
  type ChainVerdict,
  type LedgerSource,
  type NoteVerifier,
  type SourceEntry,
} from '@chartledger/ledger';
import { type Store } from '../../../chartledger/src/store.js';

/** What is verified, with the keys that its checkpoints must be signed with. */
export interface Subject {
  chains: ChainSource[];
  verifiers: NoteVerifier[];
  /** The keys are the ones that the place itself names: a forger would name his own. */
  trustsItsOwnKeys: boolean;
  requirePayloads: boolean;
}

/** A ledger from elsewhere. `keys`: trusted verifier keys, one a line; without them the place's own are believed. */
export function foreignSubject(source: LedgerSource, keys: readonly string[], requirePayloads: boolean): Subject {
  const trusted = keys.length > 0 ? keys : source.keys;
  return {
    chains: source.chains,
    verifiers: trusted.map(parseVerifierKey),
    trustsItsOwnKeys: keys.length === 0,
    requirePayloads,
  };
}

export async function subjectFromUrl(url: string, keys: readonly string[], payloads: boolean): Promise<Subject> {
  return foreignSubject(await readLedgerOverHttp(url, { payloads }), keys, payloads);
}

export async function subjectFromDirectory(dir: string, keys: readonly string[], payloads: boolean): Promise<Subject> {
  return foreignSubject(await readLedgerDirectory(dir), keys, payloads);
}

/** The ledger of a data directory or database: its table row by row, held to what was signed, by the key in the key file. */
export async function subjectFromStore(store: Store, payloads: boolean): Promise<Subject> {
  const { signer } = store;
  const chains = await Promise.all(store.chains.map((chain) => chainOfStore(store, chain, payloads)));
  const verifiers = store.chains.map((chain) =>
    noteVerifier(chainOrigin(store.config.origin, chain), signer(chain).publicKey),
  );
  return { chains, verifiers, trustsItsOwnKeys: false, requirePayloads: payloads };
}

async function chainOfStore(store: Store, chain: number, payloads: boolean): Promise<ChainSource> {
  const { ledger, checkpoints } = store;
  // Kept outside the database, so that its owner cannot cut both.
  const kept = await store.checkpointFile(chain).read();
  const source = ledgerChainSource(ledger, chain, {
    checkpoints: async () => {
      const stored = await checkpoints.range(chain);
      const isStored = !kept || stored.some(({ size }) => size === kept.size);
      return isStored ? stored : [...stored, kept].sort((a, b) => a.size - b.size);
    },
    tile: async ({ level, index }) => {
      const isEdge = kept && level === 0 && index === Math.floor(kept.size / TILE_WIDTH) && kept.edge.length > 0;
      return (await checkpoints.tile(chain, level, index)) ?? (isEdge ? kept.edge : undefined);
    },
  });
  return { ...source, entries: (from, to) => rowsFrom(store, payloads, chain, from, to) };
}

/** Every row of the chain, whatever the stored head says of its end. */
async function* rowsFrom(
  { readStored }: Store,
  payloads: boolean,
  chain: number,
  from: number,
  to?: number,
): AsyncIterable<SourceEntry[]> {
  for await (const batch of readStored(chain, from, to)) {
    yield payloads ? batch : batch.map(({ seq, envelope }) => ({ seq, envelope }));
  }
}

/** Verifies the chains one after the other; all of them, though one has a fault. */
export async function verifySubject(
  { chains, verifiers, requirePayloads }: Subject,
  chain: number | undefined,
  onProgress: (chain: number, entries: number) => void,
): Promise<ChainVerdict[]> {
  const verdicts: ChainVerdict[] = [];
  for (const source of chains) {
    if (chain !== undefined && source.chain !== chain) continue;
    const trust = { verifiers, origin: originOf(verifiers, source.chain) };
    verdicts.push(
      await verifyChain(source, trust, { requirePayloads, onProgress: (entries) => onProgress(source.chain, entries) }),
    );
  }
  return verdicts;
}

/** A chain's key is named like the chain: `{origin}/chains/{chain}`. */
function originOf(verifiers: readonly NoteVerifier[], chain: number): string {
  const found = verifiers.find(({ name }) => name.endsWith(`/chains/${chain}`));
  if (!found) throw new Error(`no verifier key for chain ${chain} is given: keys are named {origin}/chains/${chain}`);
  return found.name;
}
