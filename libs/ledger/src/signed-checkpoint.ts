import { FormatError } from './format-error.js';

/** A checkpoint as it is kept: the signed note, and beside it what the note cannot say or says in its text. */
export interface SignedCheckpoint {
  size: number;
  /** When it was signed, ISO 8601 in UTC. Not covered by the signature. */
  time: string;
  note: string;
}

/** @throws FormatError source_malformed for a value that has not the fields of a signed checkpoint. */
export function parseSignedCheckpoint(value: unknown): SignedCheckpoint {
  const { size, time, note } = (value ?? {}) as Partial<SignedCheckpoint>;
  const isSize = Number.isSafeInteger(size) && size! >= 0;
  if (!isSize || typeof time !== 'string' || typeof note !== 'string') {
    throw new FormatError('source_malformed', 'a kept checkpoint has not the fields size, time and note');
  }
  return { size: size!, time, note };
}

/** The largest size that was signed, 0 for none. */
export function signedSizeOf(checkpoints: readonly SignedCheckpoint[]): number {
  return checkpoints.reduce((largest, { size }) => Math.max(largest, size), 0);
}
