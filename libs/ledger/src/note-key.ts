import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { decodeBase64 } from './base64.js';
import { FormatError } from './format-error.js';
import { sha256 } from './hash.js';

/** C2SP signed-note, signature type of Ed25519. */
const ED25519 = 0x01;
const PUBLIC_KEY_BYTES = 32;
const KEY_ID_BYTES = 4;

/** The DER of a SubjectPublicKeyInfo of Ed25519 up to the 32 bytes of the key (RFC 8410 section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** C2SP signed-note, section Format: a key name is not empty and has no Unicode space and no plus. */
const KEY_NAME = /^[^\s\p{White_Space}+]+$/u;

/** A key that signatures are verified with. Name and id together say which key it is. */
export interface NoteVerifier {
  name: string;
  id: Buffer;
  publicKey: Buffer;
  verify(text: Buffer, signature: Buffer): boolean;
}

/** A key that notes are signed with. */
export interface NoteSigner {
  name: string;
  id: Buffer;
  publicKey: Buffer;
  sign(text: Buffer): Buffer;
}

/** C2SP signed-note, section Ed25519: SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)[:4]. */
export function noteKeyId(name: string, publicKey: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ED25519]), publicKey])).subarray(0, KEY_ID_BYTES);
}

export function isKeyName(name: string): boolean {
  return KEY_NAME.test(name);
}

/** @throws FormatError key_malformed for a name that a note cannot carry or a key that is not Ed25519. */
export function noteSigner(name: string, privateKey: KeyObject): NoteSigner {
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw new FormatError('key_malformed', 'the key is not an Ed25519 key');
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length);
  return { ...identify(name, publicKey), sign: (text) => sign(null, text, privateKey) };
}

/** @throws FormatError key_malformed */
export function noteVerifier(name: string, publicKey: Uint8Array): NoteVerifier {
  const identity = identify(name, Buffer.from(publicKey));
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return { ...identity, verify: (text, signature) => verify(null, text, key, signature) };
}

/** The verifier key as one line: `name+key id in hex+base64(0x01 ‖ public key)`. */
export function formatVerifierKey({ name, id, publicKey }: Pick<NoteVerifier, 'name' | 'id' | 'publicKey'>): string {
  return `${name}+${id.toString('hex')}+${Buffer.concat([Buffer.from([ED25519]), publicKey]).toString('base64')}`;
}

/** @throws FormatError key_malformed when the form, the algorithm or the key id is wrong. */
export function parseVerifierKey(line: string): NoteVerifier {
  const [, name, id, key] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/su.exec(line) ?? [];
  if (name === undefined) throw new FormatError('key_malformed', 'a verifier key has the form name+hash+base64');
  const bytes = decodeBase64(key);
  if (bytes[0] !== ED25519) throw new FormatError('key_malformed', `the key of ${name} is not an Ed25519 key`);
  const verifier = noteVerifier(name, bytes.subarray(1));
  if (verifier.id.toString('hex') !== id) throw new FormatError('key_malformed', `${id} is not the key id of ${name}`);
  return verifier;
}

function identify(name: string, publicKey: Buffer): { name: string; id: Buffer; publicKey: Buffer } {
  if (!isKeyName(name)) throw new FormatError('key_malformed', 'a key name is not empty and has no space and no plus');
  if (publicKey.length !== PUBLIC_KEY_BYTES) {
    throw new FormatError(
      'key_malformed',
      `an Ed25519 public key has ${PUBLIC_KEY_BYTES} bytes, not ${publicKey.length}`,
    );
  }
  return { name, id: noteKeyId(name, publicKey), publicKey };
}
