import { decodeBase64 } from './base64.js';
import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { FormatError } from './format-error.js';
import { HASH_BYTES, leafHash } from './hash.js';
import { verifyInclusion } from './merkle-verify.js';
import { type NoteVerifier } from './note-key.js';

const HEADER = 'c2sp.org/tlog-proof@v1';

/** More than a tree of 2^64 leaves can need. */
const MAX_PROOF_HASHES = 64;

/** A proof of inclusion that verifies without the log: C2SP tlog-proof. */
export interface TlogProof {
  index: number;
  /** The inclusion proof, from the leaf's sibling up. */
  proof: Buffer[];
  /** The signed checkpoint, verbatim. */
  checkpoint: string;
  /** Opaque data that nothing authenticates. */
  extra?: Buffer;
}

/** What the proof is held against: the entry's envelope, or its leaf hash where only that is at hand. */
export type ProofSubject = { envelope: Uint8Array } | { leaf: Uint8Array };

export function formatTlogProof({ index, proof, checkpoint, extra }: TlogProof): string {
  const lines = [HEADER, ...(extra ? [`extra ${extra.toString('base64')}`] : []), `index ${index}`];
  return `${[...lines, ...proof.map((hash) => hash.toString('base64'))].join('\n')}\n\n${checkpoint}`;
}

/** @throws FormatError proof_malformed, base64_malformed */
export function parseTlogProof(text: string): TlogProof {
  const end = text.indexOf('\n\n');
  if (end < 0) throw new FormatError('proof_malformed', 'the proof has no checkpoint');
  const lines = text.slice(0, end).split('\n');
  if (lines.shift() !== HEADER) throw new FormatError('proof_malformed', `the proof does not begin with ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? decodeBase64(lines.shift()!.slice('extra '.length)) : undefined;
  const [, digits] = /^index (0|[1-9][0-9]*)$/.exec(lines.shift() ?? '') ?? [];
  if (digits === undefined) throw new FormatError('proof_malformed', 'the proof has no index line');
  if (lines.length > MAX_PROOF_HASHES) throw new FormatError('proof_malformed', 'the proof has too many hashes');
  const proof = lines.map(decodeBase64);
  if (proof.some((hash) => hash.length !== HASH_BYTES)) {
    throw new FormatError('proof_malformed', `a hash of the proof has not ${HASH_BYTES} bytes`);
  }
  const index = Number(digits);
  if (!Number.isSafeInteger(index)) throw new FormatError('proof_malformed', `index ${digits} is out of range`);
  return { index, proof, checkpoint: text.slice(end + 2), ...(extra && { extra }) };
}

/**
 * Verifies that the log signed a tree that has `subject` at the index that the proof names. The caller MUST still compare
 * the answer's `index` and `checkpoint.origin` with what it asked for; an envelope states both itself (`seq`, `chain`).
 * @throws FormatError as parseTlogProof and openCheckpoint, proof_invalid
 */
export function verifyTlogProof(
  text: string,
  subject: ProofSubject,
  verifiers: readonly NoteVerifier[],
): { index: number; checkpoint: Checkpoint } {
  const { index, proof, checkpoint: note } = parseTlogProof(text);
  const checkpoint = openCheckpoint(note, verifiers);
  const leaf = 'leaf' in subject ? subject.leaf : leafHash(subject.envelope);
  const { root, size } = checkpoint;
  verifyInclusion({ index: BigInt(index), size: BigInt(size), leaf, root, proof });
  return { index, checkpoint };
}
