import { decodeBase64 } from './base64.js';
import { FormatError } from './format-error.js';
import { HASH_BYTES } from './hash.js';
import { type NoteSigner, type NoteVerifier } from './note-key.js';
import { openNote, signNote } from './signed-note.js';

/** The head of a Merkle tree: what a log commits itself to by signing it (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** The identity of the log; in chartledger also the name of the key that signs it. */
  origin: string;
  /** The number of leaves. */
  size: number;
  root: Buffer;
}

/** The origin of a chain's checkpoints, and the name of its key. */
export function chainOrigin(logOrigin: string, chain: number): string {
  return `${logOrigin}/chains/${chain}`;
}

/** The note text of a checkpoint: origin, size, root in base64, each on its line. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/**
 * Reads the note text of a checkpoint. Extension lines are allowed and not returned: nothing here relies on them.
 * @throws FormatError checkpoint_malformed
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [, origin, digits, encoded] = /^([^\n]+)\n(0|[1-9][0-9]*)\n([^\n]+)\n(?:[^\n]+\n)*$/.exec(text) ?? [];
  if (origin === undefined)
    throw new FormatError('checkpoint_malformed', 'a checkpoint has the lines origin, size, root');
  const size = Number(digits);
  if (!Number.isSafeInteger(size)) throw new FormatError('checkpoint_malformed', `size ${digits} is out of range`);
  const root = decodeBase64(encoded);
  if (root.length !== HASH_BYTES) throw new FormatError('checkpoint_malformed', `the root has not ${HASH_BYTES} bytes`);
  return { origin, size, root };
}

export function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[]): string {
  return signNote(formatCheckpoint(checkpoint), signers);
}

/**
 * Opens a signed checkpoint. One of the keys that signed MUST have the origin as its name, so that the checkpoint of one
 * chain can never pass for that of another.
 * @param origin the log that the caller asked for; none: whichever log `verifiers` stand for.
 * @throws FormatError as openNote and parseCheckpoint, checkpoint_origin
 */
export function openCheckpoint(note: string, verifiers: readonly NoteVerifier[], origin?: string): Checkpoint {
  const { text, signedBy } = openNote(note, verifiers);
  const checkpoint = parseCheckpoint(text);
  if (origin !== undefined && checkpoint.origin !== origin) {
    throw new FormatError('checkpoint_origin', `the checkpoint is of ${checkpoint.origin}, not of ${origin}`);
  }
  if (!signedBy.includes(checkpoint.origin)) {
    throw new FormatError(
      'checkpoint_origin',
      `the checkpoint of ${checkpoint.origin} is not signed by a key of that name`,
    );
  }
  return checkpoint;
}
