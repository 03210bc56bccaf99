import { clusters } from '../engine/clusters.js';
import { type Model } from '../engine/model.js';
import { type PairFacts } from '../engine/scorer.js';
import { type RecordName, type Ruling } from '../persons/person-entries.js';
import { DisjointSets } from './disjoint-sets.js';
import { type Edge } from './record-index.js';
import { type Rulings } from './rulings.js';

/** Records in one piece; a larger one is cut where its links are weakest: linkage costs the cube of it. */
const MAX_PIECE = 400;
/** By how much the cut is raised, in thousandths of a bit. */
const CUT_STEP = 1_000;
/** Where raising it ends: nothing scores higher. */
const HIGHEST_CUT = 100_000;

/** Records under a model, and which of them score with each other: one by one as asked (`RecordIndex`), or all at once. */
export interface ComparedRecords {
  readonly model: Pick<Model, 'thresholds'>;
  readonly table: {
    score(one: number, other: number): number;
    pair(one: number, other: number): Pick<PairFacts, 'pattern'>;
  };
  row(name: RecordName): number | undefined;
  name(row: number): RecordName;
  /** Those at or above the review threshold. */
  edgesOf(row: number): readonly Edge[];
}

/**
 * The records that hang together with those named: over pairs at or above the review threshold, and over what stewards
 * have ruled to be one person. Names that are not in the index are left out.
 */
export function connected(index: ComparedRecords, rulings: Rulings, names: Iterable<RecordName>): Set<RecordName> {
  const found = new Set<RecordName>();
  const waiting: RecordName[] = [];
  const visit = (name: RecordName): void => {
    if (found.has(name) || index.row(name) === undefined) return;
    found.add(name);
    waiting.push(name);
  };
  for (const name of names) visit(name);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const { row } of index.edgesOf(index.row(name)!)) visit(index.name(row));
    for (const { kind, pair } of rulings.of(name)) if (kind === 'must') for (const other of pair) visit(other);
  }
  return found;
}

/** What became of records that hang together. */
export interface Neighbourhood {
  /** In order of their names. */
  records: RecordName[];
  rulings: Ruling[];
  /** Indices of `records`; ordered by first record. */
  clusters: number[][];
  /** Pairs at or above the review threshold, the best first. */
  pairs: { left: number; right: number; score: number }[];
}

/**
 * Parts records into persons. `names` MUST hold, of each record, all that it hangs together with. A function of what the
 * records say, the model and the rulings; the order in which anything came does not count.
 */
export function neighbourhoods(
  index: ComparedRecords,
  rulings: Rulings,
  names: ReadonlySet<RecordName>,
): Neighbourhood[] {
  const left = new Set([...names].sort());
  const found: Neighbourhood[] = [];
  for (const name of left) {
    const records = [...connected(index, rulings, [name])].sort();
    for (const record of records) left.delete(record);
    if (records.length > 0) found.push(partition(index, rulings, records));
  }
  return found;
}

function partition(index: ComparedRecords, rulings: Rulings, records: RecordName[]): Neighbourhood {
  const place = new Map(records.map((name, at) => [name, at]));
  const rows = records.map((name) => index.row(name)!);
  const held = rulings.among(records);
  const pairs = pairsOf(index, rows, place);
  const apart = piecesOf(records.length, pairs, mustPairs(held, place), index.model.thresholds.review);
  const found = apart.flatMap((piece) => clustersOf(index, records, rows, piece, held));
  return { records, rulings: held, clusters: found.sort((a, b) => a[0] - b[0]), pairs };
}

function clustersOf(
  index: ComparedRecords,
  records: readonly RecordName[],
  rows: readonly number[],
  piece: readonly number[],
  rulings: readonly Ruling[],
): number[][] {
  if (piece.length === 1) return [[...piece]];
  const ids = piece.map((at) => records[at]);
  const inPiece = new Map(ids.map((name, at) => [name, at]));
  const ruled = (wanted: Ruling['kind']): [number, number][] =>
    rulings.flatMap(({ kind, pair }): [number, number][] => {
      const [a, b] = [inPiece.get(pair[0]), inPiece.get(pair[1])];
      return kind === wanted && a !== undefined && b !== undefined ? [[a, b]] : [];
    });
  const score = (i: number, j: number): number => index.table.score(rows[piece[i]], rows[piece[j]]);
  const parts = clusters(ids, score, { must: ruled('must'), cannot: ruled('cannot') }, index.model);
  return parts.map((part) => part.map((at) => piece[at]).sort((a, b) => a - b));
}

function pairsOf(
  index: ComparedRecords,
  rows: readonly number[],
  place: ReadonlyMap<RecordName, number>,
): Neighbourhood['pairs'] {
  const pairs: Neighbourhood['pairs'] = [];
  rows.forEach((row, left) => {
    for (const edge of index.edgesOf(row)) {
      const right = place.get(index.name(edge.row))!;
      if (left < right) pairs.push({ left, right, score: edge.score });
    }
  });
  return pairs.sort((a, b) => b.score - a.score || a.left - b.left || a.right - b.right);
}

function mustPairs(rulings: readonly Ruling[], place: ReadonlyMap<RecordName, number>): [number, number][] {
  return rulings.filter(({ kind }) => kind === 'must').map(({ pair }) => [place.get(pair[0])!, place.get(pair[1])!]);
}

/** The records hang together; while too many do, only by better pairs. What a steward has linked is never cut. */
export function piecesOf(
  count: number,
  pairs: readonly { left: number; right: number; score: number }[],
  must: readonly (readonly [number, number])[],
  cut: number,
): number[][] {
  const all = Array.from({ length: count }, (_, at) => at);
  if (count <= MAX_PIECE || cut > HIGHEST_CUT) return [all];
  const raised = cut + CUT_STEP;
  const sets = new DisjointSets(count);
  for (const { left, right, score } of pairs) if (score >= raised) sets.join(left, right);
  for (const [left, right] of must) sets.join(left, right);
  const pieces = new Map<number, number[]>();
  for (const at of all) {
    const root = sets.find(at);
    const piece = pieces.get(root);
    if (piece) piece.push(at);
    else pieces.set(root, [at]);
  }
  return [...pieces.values()].flatMap((piece) => {
    const inPiece = new Map(piece.map((at, place) => [at, place]));
    const within = pairs.flatMap(({ left, right, score }) => {
      const [a, b] = [inPiece.get(left), inPiece.get(right)];
      return a !== undefined && b !== undefined ? [{ left: a, right: b, score }] : [];
    });
    const ruled = must.flatMap(([left, right]): [number, number][] => {
      const [a, b] = [inPiece.get(left), inPiece.get(right)];
      return a !== undefined && b !== undefined ? [[a, b]] : [];
    });
    return piecesOf(piece.length, within, ruled, raised).map((part) => part.map((at) => piece[at]));
  });
}
