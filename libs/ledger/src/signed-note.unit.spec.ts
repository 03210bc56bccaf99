import { describe, expect, it } from '@jest/globals';
import { sampleSigner } from '@chartledger/testing';
import fc from 'fast-check';
import { openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.js';
import { EMPTY_ROOT } from './merkle.js';
import { formatVerifierKey, type NoteSigner, noteVerifier, parseVerifierKey } from './note-key.js';
import { openNote, signNote } from './signed-note.js';

const log = sampleSigner('example.com/log');
const witness = sampleSigner('example.com/witness');
const verifierOf = ({ name, publicKey }: NoteSigner): ReturnType<typeof noteVerifier> => noteVerifier(name, publicKey);
const code = (value: string): unknown => expect.objectContaining({ code: value });

describe('a verifier key', () => {
  it('reads back from its line', () => {
    const line = formatVerifierKey(log);
    expect(formatVerifierKey(parseVerifierKey(line))).toBe(line);
    expect(parseVerifierKey(line).id.equals(log.id)).toBe(true);
  });

  it.each([
    ['without a hash', 'example.com/log+AQID'],
    ['with another key id', formatVerifierKey(log).replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['with another name', formatVerifierKey(log).replace('/log', '/lag')],
    ['of another algorithm', `example.com/log+00000000+${Buffer.alloc(33, 2).toString('base64')}`],
    ['that is too short', `example.com/log+00000000+${Buffer.alloc(20, 1).toString('base64')}`],
  ])('is refused %s', (_, line) => {
    expect(() => parseVerifierKey(line)).toThrow(code('key_malformed'));
  });

  it.each(['', 'with space', 'with+plus', 'with\u00a0space'])('is refused with the name %j', (name) => {
    expect(() => noteVerifier(name, log.publicKey)).toThrow(code('key_malformed'));
  });
});

describe('a signed note', () => {
  const text = fc
    .string({ unit: 'grapheme' })
    .filter((line) => !/\p{Control}/u.test(line))
    .map((line) => `${line}\n`);

  it('opens with the keys that signed it and no other', () => {
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('')),
        (body) => {
          const note = signNote(body, [log, witness]);
          expect(openNote(note, [verifierOf(witness), verifierOf(log)])).toEqual({
            text: body,
            signedBy: [log.name, witness.name],
          });
          expect(openNote(note, [verifierOf(log)]).signedBy).toEqual([log.name]);
          expect(() => openNote(note, [verifierOf(sampleSigner('example.com/other'))])).toThrow(code('note_unsigned'));
        },
      ),
    );
  });

  it('keeps empty lines in its text', () => {
    const note = signNote('first\n\nsecond\n', [log]);
    expect(openNote(note, [verifierOf(log)]).text).toBe('first\n\nsecond\n');
  });

  it('is refused when a known key has a wrong signature, even beside a right one', () => {
    const note = signNote('text\n', [log, witness]);
    const other = signNote('other\n', [witness]).split('\n').at(-2)!;
    const forged = note.split('\n').with(3, other).join('\n');
    expect(() => openNote(forged, [verifierOf(log), verifierOf(witness)])).toThrow(code('note_signature_invalid'));
    expect(openNote(forged, [verifierOf(log)]).signedBy).toEqual([log.name]);
    expect(() => openNote(note.replace('text', 'test'), [verifierOf(log)])).toThrow(code('note_signature_invalid'));
  });

  it.each([
    ['no signature', 'text\n'],
    ['no newline at its end', signNote('text\n', [log]).slice(0, -1)],
    ['a tab', 'a\tb\n\n— x AAAAAAA=\n'],
    ['a signature line without a dash', 'text\n\nexample.com/log AAAAAAA=\n'],
    ['a plain hyphen for the dash', 'text\n\n- example.com/log AAAAAAA=\n'],
    ['a signature that is too short', 'text\n\n— example.com/log AAAAAA==\n'],
    ['a plus in a name', 'text\n\n— a+b AAAAAAA=\n'],
    ['more signatures than anyone needs', `text\n\n${'— x AAAAAAA=\n'.repeat(101)}`],
  ])('is refused with %s', (_, note) => {
    expect(() => openNote(note, [verifierOf(log)])).toThrow(code('note_malformed'));
  });

  it('cannot be made of a text that has no form of a note', () => {
    expect(() => signNote('no newline', [log])).toThrow(code('note_malformed'));
    expect(() => signNote('a\rb\n', [log])).toThrow(code('note_malformed'));
  });
});

describe('a checkpoint', () => {
  const checkpoint = { origin: log.name, size: 0, root: EMPTY_ROOT };

  it('opens with the key of its origin', () => {
    expect(openCheckpoint(signCheckpoint(checkpoint, [log]), [verifierOf(log)], log.name)).toEqual(checkpoint);
  });

  it('is not one of another log', () => {
    const note = signCheckpoint(checkpoint, [witness]);
    expect(() => openCheckpoint(note, [verifierOf(witness)])).toThrow(code('checkpoint_origin'));
    const own = signCheckpoint(checkpoint, [log]);
    expect(() => openCheckpoint(own, [verifierOf(log)], witness.name)).toThrow(code('checkpoint_origin'));
  });

  it('may have extension lines', () => {
    const root = EMPTY_ROOT.toString('base64');
    expect(parseCheckpoint(`a\n12\n${root}\nextension\n`)).toEqual({ origin: 'a', size: 12, root: EMPTY_ROOT });
  });

  it.each([
    'a\n012\nR\n',
    'a\n-1\nR\n',
    'a\n1\n',
    '\n1\nR\n',
    'a\n1\nR\n\nx\n',
    'a\n9007199254740993\nR\n',
    'a\n1\nAAAA\n',
  ])('is refused as %j', (text) => {
    const body = text.replace('R', EMPTY_ROOT.toString('base64'));
    expect(() => parseCheckpoint(body)).toThrow(code('checkpoint_malformed'));
  });
});
