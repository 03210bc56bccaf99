import { decodeBase64 } from './base64.js';
import { FormatError } from './format-error.js';
import { isKeyName, type NoteSigner, type NoteVerifier } from './note-key.js';

/** C2SP signed-note asks verifiers to take at least 16; the bound keeps a hostile note from costing time. */
const MAX_SIGNATURES = 100;
const KEY_ID_BYTES = 4;

/** Everything below U+0020 except the newline. */
// eslint-disable-next-line no-control-regex -- the format forbids exactly these
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
const SIGNATURE_LINE = /^\u2014 (\S+) (\S+)$/u;

/** A note whose signatures by known keys were verified; `signedBy` names these keys. */
export interface OpenedNote {
  text: string;
  signedBy: string[];
}

/**
 * A C2SP signed note: `text`, an empty line, one signature line per signer.
 * @throws FormatError note_malformed for a text that a note cannot carry.
 */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  requireText(text);
  const bytes = Buffer.from(text);
  const lines = signers.map(
    ({ name, id, sign }) => `— ${name} ${Buffer.concat([id, sign(bytes)]).toString('base64')}\n`,
  );
  return `${text}\n${lines.join('')}`;
}

/**
 * Opens a C2SP signed note. A signature by an unknown key is ignored; one by a known key MUST be right.
 * @throws FormatError note_malformed, note_signature_invalid (a known key, a wrong signature), note_unsigned (none by a
 *   known key).
 */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): OpenedNote {
  const { text, signatures } = splitNote(note);
  const bytes = Buffer.from(text);
  const signedBy: string[] = [];
  for (const { name, id, signature } of signatures) {
    const verifier = verifiers.find((known) => known.name === name && known.id.equals(id));
    if (!verifier) continue;
    if (!verifier.verify(bytes, signature)) {
      throw new FormatError('note_signature_invalid', `the signature of ${name} is not one of this text`);
    }
    signedBy.push(name);
  }
  if (!signedBy.length) throw new FormatError('note_unsigned', 'the note has no signature by a known key');
  return { text, signedBy };
}

interface NoteSignature {
  name: string;
  id: Buffer;
  signature: Buffer;
}

/** The text is separated from the signatures by the last empty line. */
function splitNote(note: string): { text: string; signatures: NoteSignature[] } {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) throw new FormatError('note_malformed', 'the note has no signatures');
  const text = note.slice(0, end + 1);
  requireText(text);
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw new FormatError('note_malformed', 'the note has too many signatures');
  return { text, signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
  if (name === undefined || !isKeyName(name))
    throw new FormatError('note_malformed', 'a signature line has not its form');
  const bytes = decodeBase64(encoded);
  if (bytes.length <= KEY_ID_BYTES) throw new FormatError('note_malformed', 'a signature is too short');
  return { name, id: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) };
}

function requireText(text: string): void {
  if (!text.endsWith('\n')) throw new FormatError('note_malformed', 'the text of a note ends in a newline');
  if (CONTROL.test(text) || /\p{Surrogate}/u.test(text)) {
    throw new FormatError('note_malformed', 'the text of a note has a control character or is not Unicode');
  }
}
