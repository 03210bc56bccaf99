import { beforeAll, describe, expect, it } from '@jest/globals';
import { sampleChain, sampleSigner } from '@chartledger/testing';
import { signCheckpoint } from './checkpoint.js';
import { leafHash } from './hash.js';
import { inclusionProof } from './merkle-proof.js';
import { noteVerifier } from './note-key.js';
import { TileBuilder } from './tile-builder.js';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from './tlog-proof.js';

const signer = sampleSigner('chartledger.test/chains/1');
const verifiers = [noteVerifier(signer.name, signer.publicKey)];
const entries = sampleChain(1, 11);
const INDEX = 4;
let text: string;

beforeAll(async () => {
  const tiles = new TileBuilder();
  for (const { leaf } of entries) tiles.append(leaf);
  const proof = await inclusionProof(INDEX, tiles.size, () => tiles.partialTile(0, 0, tiles.size));
  const checkpoint = signCheckpoint({ origin: signer.name, size: tiles.size, root: tiles.root() }, [signer]);
  text = formatTlogProof({ index: INDEX, proof, checkpoint });
});

describe('a tlog-proof', () => {
  it('has the lines of C2SP tlog-proof', () => {
    const lines = text.split('\n');
    expect(lines.slice(0, 2)).toEqual(['c2sp.org/tlog-proof@v1', 'index 4']);
    expect(lines.slice(2, 6).every((line) => /^[A-Za-z0-9+/]{43}=$/.test(line))).toBe(true);
    expect(lines.slice(6, 9)).toEqual(['', signer.name, '11']);
  });

  it('verifies for its entry, by envelope or by leaf hash', () => {
    const { envelope, leaf } = entries[INDEX];
    expect(verifyTlogProof(text, { envelope }, verifiers)).toMatchObject({ index: 4, checkpoint: { size: 11 } });
    expect(verifyTlogProof(text, { leaf }, verifiers).index).toBe(4);
  });

  it('does not verify for another entry, another index or an unknown key', () => {
    const { envelope } = entries[INDEX];
    const refusal = expect.objectContaining({ code: 'proof_invalid' });
    expect(() => verifyTlogProof(text, { envelope: entries[5].envelope }, verifiers)).toThrow(refusal);
    expect(() => verifyTlogProof(text, { leaf: leafHash(Buffer.from('x')) }, verifiers)).toThrow(refusal);
    expect(() => verifyTlogProof(text.replace('index 4', 'index 5'), { envelope }, verifiers)).toThrow(refusal);
    expect(() => verifyTlogProof(text, { envelope }, [])).toThrow(expect.objectContaining({ code: 'note_unsigned' }));
  });

  it('carries extra data', () => {
    const proof = { ...parseTlogProof(text), extra: Buffer.from('more') };
    expect(parseTlogProof(formatTlogProof(proof))).toEqual(proof);
    expect(parseTlogProof(text).extra).toBeUndefined();
  });

  it.each([
    ['another header', 'tlog-proof@v1', 'tlog-proof@v2'],
    ['no index', 'index 4\n', ''],
    ['an index with a leading zero', 'index 4', 'index 04'],
    ['an index out of range', 'index 4', 'index 9007199254740993'],
    ['a hash that is too short', /index 4\n.*\n/, 'index 4\nAAAA\n'],
    ['no checkpoint', /\n\n[^]*$/, '\n'],
  ])('is refused with %s', (_, from, to) => {
    expect(() => parseTlogProof(text.replace(from, to))).toThrow(expect.objectContaining({ code: 'proof_malformed' }));
  });
});
