import { FormatError } from './format-error.js';
import { HASH_BYTES, nodeHash } from './hash.js';
import { rootOf } from './merkle.js';
import { nodeOfTile } from './tile-nodes.js';

/** The height of a tile: 2^8 = 256 hashes (C2SP tlog-tiles). */
const TILE_HEIGHT = 8;
const TILE_WIDTH = 256;

/**
 * The hashes of the tile at (level, index), at least as many as the tree that a proof is made for has there. MAY answer
 * with a fuller version of a partial tile.
 */
export type TileReader = (level: number, index: number) => Promise<Buffer> | Buffer;

/** The leaves from `from` (inclusive) to `to` (exclusive), a node of the tree: its hash is MTH(D[from:to]). */
interface Span {
  from: number;
  to: number;
}

/**
 * The inclusion proof of RFC 6962 section 2.1.1 for the leaf at `index` in the tree of `size`, from the leaf's sibling up.
 * Reads each tile that it needs once, all at the same time.
 * @throws FormatError proof_invalid for an index outside the tree, tile_malformed for a tile that is too short.
 */
export async function inclusionProof(index: number, size: number, readTile: TileReader): Promise<Buffer[]> {
  if (!(index >= 0 && index < size))
    throw new FormatError('proof_invalid', `index ${index} is not in a tree of ${size}`);
  return hashSpans(inclusionSpans(index, { from: 0, to: size }), readTile);
}

/**
 * The consistency proof of RFC 6962 section 2.1.2 between the trees of `oldSize` and of `size`; empty when either is
 * trivial (equal sizes, or an empty old tree, from which nothing can be proven).
 */
export async function consistencyProof(oldSize: number, size: number, readTile: TileReader): Promise<Buffer[]> {
  if (!(oldSize >= 0 && oldSize <= size)) {
    throw new FormatError('proof_invalid', `a tree of ${oldSize} is not a prefix of one of ${size}`);
  }
  return hashSpans(oldSize === 0 ? [] : consistencySpans(oldSize, { from: 0, to: size }, true), readTile);
}

/** PATH(m, D[n]). */
function inclusionSpans(index: number, span: Span): Span[] {
  if (span.to - span.from === 1) return [];
  const middle = span.from + splitOf(span.to - span.from);
  const left = { from: span.from, to: middle };
  const right = { from: middle, to: span.to };
  return index < middle ? [...inclusionSpans(index, left), right] : [...inclusionSpans(index, right), left];
}

/** SUBPROOF(m, D[n], b); `oldSize` counts from the start of the log. */
function consistencySpans(oldSize: number, span: Span, complete: boolean): Span[] {
  if (oldSize === span.to) return complete ? [] : [span];
  const middle = span.from + splitOf(span.to - span.from);
  const left = { from: span.from, to: middle };
  const right = { from: middle, to: span.to };
  return oldSize <= middle
    ? [...consistencySpans(oldSize, left, complete), right]
    : [...consistencySpans(oldSize, right, false), left];
}

/** The largest power of two smaller than `width`, which is at least 2. */
function splitOf(width: number): number {
  let split = 1;
  while (split * 2 < width) split *= 2;
  return split;
}

async function hashSpans(spans: readonly Span[], readTile: TileReader): Promise<Buffer[]> {
  const runs = spans.map(perfectRuns);
  const tiles = new Map<string, Promise<Buffer> | Buffer>();
  for (const { level, tile } of runs.flat()) {
    const key = `${level}/${tile}`;
    if (!tiles.has(key)) tiles.set(key, readTile(level, tile));
  }
  const read = new Map<string, Buffer>();
  await Promise.all([...tiles].map(async ([key, tile]) => read.set(key, await tile)));
  return runs.map((parts) =>
    parts
      .map((run) => hashRun(run, read.get(`${run.level}/${run.tile}`)!))
      .reduceRight((right, left) => nodeHash(left, right)),
  );
}

/** A perfect subtree as the run of hashes in one tile that it is the root of. */
interface Run {
  level: number;
  tile: number;
  first: number;
  count: number;
}

/** A span starts where a perfect subtree of its size would, so it falls into perfect subtrees, the largest first. */
function perfectRuns({ from, to }: Span): Run[] {
  const runs: Run[] = [];
  for (let start = from; start < to;) {
    let height = 0;
    while (start % 2 ** (height + 1) === 0 && start + 2 ** (height + 1) <= to) height += 1;
    runs.push(runOf(height, start / 2 ** height));
    start += 2 ** height;
  }
  return runs;
}

function runOf(height: number, index: number): Run {
  const level = Math.floor(height / TILE_HEIGHT);
  const count = 2 ** (height % TILE_HEIGHT);
  const start = index * count;
  return { level, tile: Math.floor(start / TILE_WIDTH), first: start % TILE_WIDTH, count };
}

function hashRun({ level, tile, first, count }: Run, hashes: Buffer): Buffer {
  const end = (first + count) * HASH_BYTES;
  if (hashes.length < end)
    throw new FormatError('tile_malformed', `tile ${level}/${tile} has fewer than ${first + count} hashes`);
  if (hashes.length === TILE_WIDTH * HASH_BYTES) return nodeOfTile(hashes, first, count);
  return rootOf(hashes.subarray(first * HASH_BYTES, end));
}
