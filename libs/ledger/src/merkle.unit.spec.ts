import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HASH_BYTES, nodeHash, sha256 } from './hash.js';
import { CompactRange, EMPTY_ROOT, peakHeights, rootOf } from './merkle.js';
import { consistencyProof, inclusionProof, type TileReader } from './merkle-proof.js';
import { verifyConsistency, verifyInclusion } from './merkle-verify.js';
import { TileBuilder } from './tile-builder.js';
import { tilePath, tilesOfTree, tileWidth } from './tiles.js';

const LEAVES = 70_000;
const leaves = Buffer.concat(Array.from({ length: LEAVES }, (_, at) => sha256(Buffer.from(`leaf ${at}`))));
const leafAt = (at: number): Buffer => leaves.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);

/** MTH of RFC 6962 section 2.1, as it is written there. */
function definedRoot(from: number, to: number): Buffer {
  if (to === from) return EMPTY_ROOT;
  if (to - from === 1) return leafAt(from);
  let split = 1;
  while (split * 2 < to - from) split *= 2;
  return nodeHash(definedRoot(from, from + split), definedRoot(from + split, to));
}

/** The n-th tile at a level, as C2SP tlog-tiles defines it. */
function definedTile(level: number, index: number, size: number): Buffer {
  const span = 256 ** level;
  const first = index * 256;
  const hashes = Array.from({ length: tileWidth(level, index, size) }, (_, at) =>
    definedRoot((first + at) * span, (first + at + 1) * span),
  );
  return Buffer.concat(hashes);
}

const sizes = fc.oneof(fc.nat({ max: 600 }), fc.nat({ max: 3000 }));

describe('CompactRange', () => {
  it('has the root that RFC 6962 defines', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const root = rootOf(leaves.subarray(0, size * HASH_BYTES));
        expect(root.equals(definedRoot(0, size))).toBe(true);
      }),
    );
  });

  it('goes on from its peaks as if it had never stopped', () => {
    fc.assert(
      fc.property(sizes, fc.nat({ max: 300 }), (size, more) => {
        const range = new CompactRange();
        range.appendAll(leaves.subarray(0, size * HASH_BYTES));
        const restored = CompactRange.restore(size, range.peaks());
        for (let at = size; at < size + more; at += 1) restored.appendHex(leafAt(at).toString('hex'));
        expect(restored.size).toBe(size + more);
        expect(restored.root().equals(definedRoot(0, size + more))).toBe(true);
        expect(range.size).toBe(size);
      }),
    );
  });

  it('refuses peaks that no tree of that size has', () => {
    expect(peakHeights(11)).toEqual([3, 1, 0]);
    expect(() => CompactRange.restore(11, [EMPTY_ROOT])).toThrow('a tree of 11 has 3 peaks, not 1');
  });

  it('counts beyond 32 bits', () => {
    const size = 2 ** 40;
    const range = CompactRange.restore(size, [EMPTY_ROOT]);
    range.append(leafAt(0));
    expect(range.root().equals(nodeHash(EMPTY_ROOT, leafAt(0)))).toBe(true);
  });
});

describe('TileBuilder', () => {
  it('builds the tiles that C2SP tlog-tiles defines, and the root of CompactRange', () => {
    const tiles = new Map<string, Buffer>();
    const builder = new TileBuilder(({ level, index, hashes }) =>
      tiles.set(tilePath({ level, index, width: 256 }), hashes),
    );
    for (let at = 0; at < LEAVES; at += 1) builder.append(leafAt(at));
    expect(builder.root().equals(rootOf(leaves))).toBe(true);
    const expected = [...tilesOfTree(LEAVES)];
    expect(expected.map(({ level, width }) => `${level} ${width}`).slice(-6)).toEqual([
      '0 256',
      '0 256',
      '0 112',
      '1 256',
      '1 17',
      '2 1',
    ]);
    for (const { level, index, width } of expected) {
      const built =
        width === 256 ? tiles.get(tilePath({ level, index, width })) : builder.partialTile(level, index, width);
      expect(built!.equals(definedTile(level, index, LEAVES))).toBe(true);
    }
    expect(tiles.size).toBe(expected.filter(({ width }) => width === 256).length);
  });

  it('goes on from stored tiles as if it had never stopped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 68_000 }), fc.nat({ max: 1500 }), async (size, more) => {
        const emitted: string[] = [];
        const restored = await TileBuilder.restore(size, readerOf(size), ({ level, index }) =>
          emitted.push(`${level}/${index}`),
        );
        for (let at = size; at < size + more; at += 1) restored.append(leafAt(at));
        const { hashes } = await edgeOf(restored);
        expect(
          hashes.equals((await edgeOf(await TileBuilder.restore(size + more, readerOf(size + more)))).hashes),
        ).toBe(true);
        expect(restored.root().equals(rootOf(leaves.subarray(0, (size + more) * HASH_BYTES)))).toBe(true);
        const full = (to: number): string[] =>
          [...tilesOfTree(to)].filter(({ width }) => width === 256).map(({ level, index }) => `${level}/${index}`);
        expect(emitted.sort()).toEqual(
          full(size + more)
            .filter((tile) => !full(size).includes(tile))
            .sort(),
        );
      }),
      { numRuns: 10 },
    );
  });

  it('refuses a tile that is not its right edge', async () => {
    const builder = await TileBuilder.restore(300, readerOf(300));
    expect(() => builder.partialTile(0, 0, 256)).toThrow(RangeError);
    expect(() => builder.partialTile(0, 1, 45)).toThrow(RangeError);
    expect(builder.partialTile(0, 1, 44).length).toBe(44 * HASH_BYTES);
    await expect(TileBuilder.restore(300, () => Buffer.alloc(0))).rejects.toThrow('tile 0/1 has fewer than 44 hashes');
  });
});

const built = new Map<string, Buffer>();
const whole = new TileBuilder(({ level, index, hashes }) => built.set(`${level}/${index}`, hashes));
for (let at = 0; at < LEAVES; at += 1) whole.append(leafAt(at));

function readerOf(size: number): TileReader {
  return (level, index) => {
    const width = tileWidth(level, index, size);
    const tile = built.get(`${level}/${index}`) ?? whole.partialTile(level, index, width);
    return Buffer.from(tile.subarray(0, width * HASH_BYTES));
  };
}

async function edgeOf(builder: TileBuilder): Promise<{ hashes: Buffer }> {
  const edge: Buffer[] = [];
  for (let level = 0; builder.size >= 256 ** level; level += 1) {
    const index = Math.floor(builder.size / 256 ** (level + 1));
    edge.push(builder.partialTile(level, index, tileWidth(level, index, builder.size)));
  }
  return { hashes: Buffer.concat(edge) };
}

describe('proofs made from tiles', () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: LEAVES }));

  it('verify for every index, and read each tile once', async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), async (treeSize, at) => {
        const index = at % treeSize;
        const read: string[] = [];
        const proof = await inclusionProof(index, treeSize, (level, tile) => {
          read.push(`${level}/${tile}`);
          return readerOf(treeSize)(level, tile);
        });
        expect(new Set(read).size).toBe(read.length);
        const root = rootOf(leaves.subarray(0, treeSize * HASH_BYTES));
        verifyInclusion({ index: BigInt(index), size: BigInt(treeSize), leaf: leafAt(index), root, proof });
      }),
      { numRuns: 60 },
    );
  });

  it('verify between any two sizes', async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), async (treeSize, at) => {
        const oldSize = 1 + (at % treeSize);
        const proof = await consistencyProof(oldSize, treeSize, readerOf(treeSize));
        const oldRoot = rootOf(leaves.subarray(0, oldSize * HASH_BYTES));
        const root = rootOf(leaves.subarray(0, treeSize * HASH_BYTES));
        verifyConsistency({ oldSize: BigInt(oldSize), size: BigInt(treeSize), oldRoot, root, proof });
      }),
      { numRuns: 60 },
    );
  });

  it('are refused for what is not in the tree', async () => {
    await expect(inclusionProof(5, 5, readerOf(5))).rejects.toMatchObject({ code: 'proof_invalid' });
    await expect(consistencyProof(6, 5, readerOf(5))).rejects.toMatchObject({ code: 'proof_invalid' });
    await expect(inclusionProof(0, 5, () => Buffer.alloc(32))).rejects.toMatchObject({ code: 'tile_malformed' });
    expect(await consistencyProof(0, 5, readerOf(5))).toEqual([]);
  });
});
