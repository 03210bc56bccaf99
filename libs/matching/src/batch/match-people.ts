import { type Model } from '../engine/model.js';
import { PairComparer } from '../engine/pair-comparer.js';
import { type RecordTable, ROW, ROW_INTS, type TableArrays } from '../engine/record-table.js';
import { type PairFacts, Scorer } from '../engine/scorer.js';
import { termWeights } from '../engine/term-weights.js';
import { blockedRows, emptyKeys, rulesInUse } from './candidates.js';
import { type ComparedPairs, PAIR_INTS } from './compare-pairs.js';
import { type Cut, expectedCut } from './cut.js';
import { maximizeExpectation, type PatternCounts, type Universe } from './expectation-maximization.js';
import { dropPlaceholders, termTable } from './frequencies.js';
import { type MatchState, type MatchTask } from './match-tasks.js';
import { MatchThreads, type TaskPool } from './match-threads.js';
import { partition, type ScoredPairs } from './partition.js';
import { sumSamples } from './random-pairs.js';
import { trainModel, universeOf, versionOf } from './train-model.js';

export interface MatchOptions {
  /** Threads to compare on; 0 compares where it is called. */
  threads: number;
  /** Who compares in the place of threads. */
  startPool?: (state: MatchState) => Promise<TaskPool>;
  /** Called with the name of each stage when it begins. */
  onStage?: (stage: Stage) => void;
}

export type Stage =
  'placeholders' | 'frequencies' | 'keys' | 'blocks' | 'sample' | 'compare' | 'train' | 'score' | 'cluster';

export interface Matched {
  model: Model;
  /** The cut found without labels, and what is to be expected of it. */
  cut: Cut;
  /** Pairs at or above the review threshold. */
  pairs: ScoredPairs;
  /** Of each record the first record of its cluster. */
  cluster: Int32Array;
  /** Pairs that were compared. */
  candidates: number;
  /** Records in blocks that no part splits far enough: their rule compares them with nobody, other rules do. */
  unsplit: number;
}

/** Pairs down to it (1 in 20) hold a component together; average linkage decides what of it is one person. */
const REVIEW = -4300;
/** A thousand to one. */
const CERTAIN = 10_000;
/** A sample is drawn in so many parts on any number of threads, so that it is always the same. */
const SAMPLE_PARTS = 8;
const KEY_ROWS = 50_000;
/** Before any pair is compared, so many matches a record are expected. */
const FIRST_MATCHES_A_RECORD = 0.2;

/**
 * The whole way for a table of people: placeholders and frequencies from the data, blocks, EM without labels over all
 * pairs, the cut of the highest expected F1, clusters. The same tables give the same model and clusters on any number of
 * threads.
 * @param ids of the records: ties between clusters are broken by them
 * @param sizeA records of the first source when two are linked: then only pairs across are compared
 */
export async function matchPeople(
  table: RecordTable,
  ids: readonly string[],
  sizeA: number | undefined,
  { threads, startPool = (state) => MatchThreads.start(state, threads), onStage = () => undefined }: MatchOptions,
): Promise<Matched> {
  onStage('placeholders');
  const placeholders = dropPlaceholders(table);
  onStage('frequencies');
  const terms = weighTerms(table);
  const { arrays } = table;
  const records = table.size;
  const blocked = blockedRows(arrays);
  const rules = rulesInUse(blocked, arrays.facts);
  const source = sizeA === undefined ? undefined : sourceOf(records, sizeA);
  const state: MatchState = { arrays, blocked, keys: emptyKeys(blocked.count, rules), records, sizeA, source };
  const pool = await startPool(state);
  try {
    onStage('keys');
    await pool.run(keyTasks(blocked.count));
    onStage('blocks');
    const blocks = await pool.run(rules.map((_, column) => ({ kind: 'blocks', column }) as const));
    onStage('sample');
    const samples = await pool.run(
      Array.from({ length: SAMPLE_PARTS }, (_, part) => ({ kind: 'sample', part, parts: SAMPLE_PARTS }) as const),
    );
    const universe = universeOf(arrays, sizeA, sumSamples(samples));
    onStage('compare');
    const compared = await comparePairs(pool, blocks, universe);
    onStage('train');
    const candidates = compared.reduce((sum, part) => sum + part.candidates, 0);
    const hotKeys = blocks.flatMap(({ hot }) => hot);
    const trained = trainModel(
      countPatterns(compared),
      universe,
      { terms, rules, hotKeys, placeholders, thresholds: { certain: CERTAIN, link: 0, review: REVIEW } },
      candidates,
    );
    onStage('score');
    const scored = scorePairs(compared, new Scorer(trained), arrays);
    const cut = expectedCut(scored.score, trained.training.matches);
    const model = withThresholds(trained, cut.link);
    onStage('cluster');
    const pairs = atLeast(scored, model.thresholds.review);
    const score = pairScore(arrays, new Scorer(model));
    const cluster = partition(records, pairs, score, model.thresholds, (record) => ids[record]);
    const unsplit = blocks.reduce((sum, rule) => sum + rule.unsplit, 0);
    return { model, cut, pairs, cluster, candidates, unsplit };
  } finally {
    await pool.stop();
  }
}

function weighTerms(table: RecordTable): Model['terms'] {
  const { rows, facts } = table.arrays;
  const terms = {
    given: termTable(ROW.given, rows, facts),
    family: termTable(ROW.family, rows, facts),
    place: termTable(ROW.suburb, rows, facts),
    street: termTable(ROW.street, rows, facts),
  };
  table.values.weighAll(termWeights({ terms }));
  return terms;
}

function sourceOf(records: number, sizeA: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(records)).fill(1, sizeA);
}

function keyTasks(rows: number): (MatchTask & { kind: 'keys' })[] {
  const tasks: (MatchTask & { kind: 'keys' })[] = [];
  for (let from = 0; from < rows; from += KEY_ROWS)
    tasks.push({ kind: 'keys', from, to: Math.min(rows, from + KEY_ROWS) });
  return tasks;
}

async function comparePairs(
  pool: TaskPool,
  blocks: readonly { sorted: Int32Array; blocks: Int32Array; pairs: number }[],
  universe: Universe,
): Promise<ComparedPairs[]> {
  const { u } = maximizeExpectation({ patterns: new Int32Array(0), counts: new Float64Array(0) }, universe);
  const prior = Math.log2((universe.records * FIRST_MATCHES_A_RECORD) / universe.pairs);
  const tasks = blocks.map(({ sorted, blocks: ends, pairs }, column) => ({
    pairs,
    task: { kind: 'compare', column, blocks: { sorted, blocks: ends }, u, prior } as const,
  }));
  // The longest first, so that no thread is left with one at the end.
  tasks.sort((a, b) => b.pairs - a.pairs);
  const results = await pool.run(tasks.map(({ task }) => task));
  const compared = new Array<ComparedPairs>(blocks.length);
  tasks.forEach(({ task }, at) => (compared[task.column] = results[at]));
  return compared;
}

function countPatterns(compared: readonly ComparedPairs[]): PatternCounts {
  const counts = new Map<number, number>();
  for (const { pairs } of compared)
    for (let at = 2; at < pairs.length; at += PAIR_INTS) counts.set(pairs[at], (counts.get(pairs[at]) ?? 0) + 1);
  const patterns = Int32Array.from(counts.keys()).sort();
  return { patterns, counts: Float64Array.from(patterns, (pattern) => counts.get(pattern)!) };
}

function scorePairs(compared: readonly ComparedPairs[], scorer: Scorer, { rows }: TableArrays): ScoredPairs {
  const count = compared.reduce((sum, { pairs }) => sum + pairs.length / PAIR_INTS, 0);
  const scored = { a: new Int32Array(count), b: new Int32Array(count), score: new Int32Array(count) };
  const facts: PairFacts = { pattern: 0, givenTerm: 0, familyTerm: 0, placeTerm: 0, flagsA: 0, flagsB: 0 };
  let to = 0;
  for (const { pairs } of compared) {
    for (let at = 0; at < pairs.length; at += PAIR_INTS, to++) {
      scored.a[to] = pairs[at];
      scored.b[to] = pairs[at + 1];
      facts.pattern = pairs[at + 2];
      facts.givenTerm = pairs[at + 3];
      facts.familyTerm = pairs[at + 4] - pairs[at + 3];
      facts.flagsA = rows[pairs[at] * ROW_INTS + ROW.flags];
      facts.flagsB = rows[pairs[at + 1] * ROW_INTS + ROW.flags];
      scored.score[to] = scorer.score(facts);
    }
  }
  return scored;
}

function pairScore(arrays: TableArrays, scorer: Scorer): (i: number, j: number) => number {
  const comparer = new PairComparer(arrays);
  return (i, j) =>
    scorer.score({
      pattern: comparer.compare(i, j),
      givenTerm: comparer.givenTerm,
      familyTerm: comparer.familyTerm,
      placeTerm: comparer.placeTerm,
      flagsA: arrays.rows[i * ROW_INTS + ROW.flags],
      flagsB: arrays.rows[j * ROW_INTS + ROW.flags],
    });
}

/** Pairs from a score up, each once: records of several names may have met in several blocks. */
function atLeast({ a, b, score }: ScoredPairs, least: number): ScoredPairs {
  const seen = new Set<number>();
  const kept: number[] = [];
  for (let at = 0; at < score.length; at++) {
    if (score[at] < least) continue;
    const pair = a[at] * 2 ** 26 + b[at];
    if (seen.has(pair)) continue;
    seen.add(pair);
    kept.push(at);
  }
  return {
    a: Int32Array.from(kept, (at) => a[at]),
    b: Int32Array.from(kept, (at) => b[at]),
    score: Int32Array.from(kept, (at) => score[at]),
  };
}

function withThresholds(trained: Model, link: number): Model {
  const model = { ...trained, thresholds: { certain: CERTAIN, link, review: Math.min(REVIEW, link) } };
  return { ...model, version: versionOf(model) };
}
