import { describe, expect, it } from '@jest/globals';
import { sharedFolder } from '@chartledger/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEntryBundle, encodeEntryBundle } from './bundles.js';
import { formatCheckpoint, openCheckpoint } from './checkpoint.js';
import { leafHash } from './hash.js';
import { inclusionProof } from './merkle-proof.js';
import { parseVerifierKey } from './note-key.js';
import { openNote } from './signed-note.js';
import { TileBuilder } from './tile-builder.js';
import { tilePath } from './tiles.js';
import { formatTlogProof, verifyTlogProof } from './tlog-proof.js';

const KEY = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx';
const SIZES = Array.from({ length: 16 }, (_, size) => size);

const shared = sharedFolder();
const read = (path: string): Buffer => readFileSync(join(shared!, 'vectors/tlog', path));
const verifiers = [parseVerifierKey(KEY)];

(shared ? describe : describe.skip)('the log of transparency-dev/tessera', () => {
  it.each(SIZES)('has a checkpoint of size %d that verifies, and tiles and entries that lead to its root', (size) => {
    const note = read(`checkpoint.${size}`).toString();
    const checkpoint = openCheckpoint(note, verifiers, 'example.com/log/testdata');
    expect(checkpoint.size).toBe(size);
    expect(formatCheckpoint(checkpoint)).toBe(openNote(note, verifiers).text);
    const tiles = new TileBuilder();
    for (const entry of entriesOf(size)) tiles.append(leafHash(entry));
    expect(tiles.root().equals(checkpoint.root)).toBe(true);
    if (size === 0) return;
    const stored = read(tilePath({ level: 0, index: 0, width: size }));
    expect(tiles.partialTile(0, 0, size).equals(stored)).toBe(true);
    expect(encodeEntryBundle(entriesOf(size)).equals(read(`tile/entries/000.p/${size}`))).toBe(true);
  });

  it('has a proof for each entry that verifies on its own', async () => {
    const checkpoint = read('checkpoint').toString();
    for (const [index, envelope] of entriesOf(15).entries()) {
      const proof = await inclusionProof(index, 15, () => read('tile/0/000.p/15'));
      const text = formatTlogProof({ index, proof, checkpoint });
      expect(verifyTlogProof(text, { envelope }, verifiers).index).toBe(index);
    }
  });
});

function entriesOf(size: number): Buffer[] {
  return size === 0 ? [] : decodeEntryBundle(read(`tile/entries/000.p/${size}`));
}
