import { type Model } from '../engine/model.js';
import { withVersion } from '../engine/model-version.js';
import { PairComparer } from '../engine/pair-comparer.js';
import { type RecordTable, ROW, ROW_INTS, type TableArrays } from '../engine/record-table.js';
import { type PairFacts, Scorer } from '../engine/scorer.js';
import { termWeights } from '../engine/term-weights.js';
import { blockedRows, emptyKeys, rulesInUse } from './candidates.js';
import { type ComparedPairs, PAIR_INTS } from './compare-pairs.js';
import { type Cut, expectedCut } from './cut.js';
import { maximizeExpectation, type PatternCounts, type Universe } from './expectation-maximization.js';
import { dropPlaceholders, termTable } from './frequencies.js';
import { keyTasks, type MatchState } from './match-tasks.js';
import { MatchThreads, runLongest, type TaskPool } from './match-threads.js';
import { atLeast, partition, type ScoredPairs } from './partition.js';
import { sumSamples } from './random-pairs.js';
import { LEARNING, StageProgress } from './stage-progress.js';
import { trainModel, universeOf } from './train-model.js';

export interface LearnOptions {
  /** Threads to compare on; 0 compares where it is called. */
  threads: number;
  /** Who compares in the place of threads. */
  startPool?: (state: MatchState) => Promise<TaskPool>;
  /** Of `LEARNING`. */
  progress?: StageProgress;
}

export interface Learned {
  model: Model;
  /** The cut found without labels, and what is to be expected of it. */
  cut: Cut;
  /** Pairs at or above the review threshold. */
  pairs: ScoredPairs;
  /** Pairs that were compared. */
  candidates: number;
  /** Records in blocks that no part splits far enough: their rule compares them with nobody, other rules do. */
  unsplit: number;
}

export interface Matched extends Learned {
  /** Of each record the first record of its cluster. */
  cluster: Int32Array;
}

/** Pairs down to it (1 in 20) hold a component together; average linkage decides what of it is one person. */
const REVIEW = -4300;
/** A thousand to one. */
const CERTAIN = 10_000;
/** A sample is drawn in so many parts on any number of threads, so that it is always the same. */
const SAMPLE_PARTS = 8;
/** Before any pair is compared, so many matches a record are expected. */
const FIRST_MATCHES_A_RECORD = 0.2;

/**
 * A model of a table of people, without labels: placeholders and frequencies from the data, blocks, EM over all pairs, the
 * cut of the highest expected F1. The same table gives the same model on any number of threads.
 * @param sizeA records of the first source when two are linked: then only pairs across are compared
 */
export async function learnModel(
  table: RecordTable,
  sizeA: number | undefined,
  {
    threads,
    startPool = (state) => MatchThreads.start(state, threads),
    progress = new StageProgress(LEARNING),
  }: LearnOptions,
): Promise<Learned> {
  progress.begin('placeholders');
  const placeholders = dropPlaceholders(table);
  progress.begin('frequencies');
  const terms = weighTerms(table);
  const { arrays } = table;
  const records = table.size;
  const blocked = blockedRows(arrays);
  const rules = rulesInUse(blocked, arrays.facts);
  const source = sizeA === undefined ? undefined : sourceOf(records, sizeA);
  const state: MatchState = { arrays, blocked, keys: emptyKeys(blocked.count, rules), records, sizeA, source };
  const pool = await startPool(state);
  try {
    progress.begin('keys');
    await pool.run(keyTasks(blocked.count), progress.part);
    progress.begin('blocks');
    const blocks = await pool.run(
      rules.map((_, column) => ({ kind: 'blocks', column }) as const),
      progress.part,
    );
    progress.begin('sample');
    const samples = await pool.run(
      Array.from({ length: SAMPLE_PARTS }, (_, part) => ({ kind: 'sample', part, parts: SAMPLE_PARTS }) as const),
      progress.part,
    );
    const universe = universeOf(arrays, sizeA, sumSamples(samples));
    progress.begin('compare');
    const compared = await comparePairs(pool, blocks, universe, progress);
    progress.begin('train');
    const candidates = compared.reduce((sum, part) => sum + part.candidates, 0);
    const hotKeys = blocks.flatMap(({ hot }) => hot);
    const trained = trainModel(
      countPatterns(compared),
      universe,
      { terms, rules, hotKeys, placeholders, thresholds: { certain: CERTAIN, link: 0, review: REVIEW } },
      candidates,
    );
    progress.begin('score');
    const scored = scorePairs(compared, new Scorer(trained), arrays);
    const cut = expectedCut(scored.score, trained.training.matches);
    const model = withThresholds(trained, cut.link);
    const pairs = atLeast(scored, model.thresholds.review);
    const unsplit = blocks.reduce((sum, rule) => sum + rule.unsplit, 0);
    return { model, cut, pairs, candidates, unsplit };
  } finally {
    await pool.stop();
  }
}

/**
 * The whole way for a table of people: a model of its own, then clusters under it. The same tables give the same clusters
 * on any number of threads.
 * @param ids of the records: ties between clusters are broken by them
 */
export async function matchPeople(
  table: RecordTable,
  ids: readonly string[],
  sizeA: number | undefined,
  options: LearnOptions,
): Promise<Matched> {
  const learned = await learnModel(table, sizeA, options);
  const { model, pairs } = learned;
  options.progress?.begin('cluster');
  const score = pairScore(table.arrays, new Scorer(model));
  const cluster = partition(table.size, pairs, score, model.thresholds, (record) => ids[record]);
  return { ...learned, cluster };
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

async function comparePairs(
  pool: TaskPool,
  blocks: readonly { sorted: Int32Array; blocks: Int32Array; pairs: number }[],
  universe: Universe,
  progress: StageProgress,
): Promise<ComparedPairs[]> {
  const { u } = maximizeExpectation({ patterns: new Int32Array(0), counts: new Float64Array(0) }, universe);
  const prior = Math.log2((universe.records * FIRST_MATCHES_A_RECORD) / universe.pairs);
  const tasks = blocks.map(({ sorted, blocks: ends, pairs }, column) => ({
    size: pairs,
    task: { kind: 'compare', column, blocks: { sorted, blocks: ends }, u, prior } as const,
  }));
  return runLongest(pool, tasks, progress.part);
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

function withThresholds(trained: Model, link: number): Model {
  return withVersion({
    ...trained,
    thresholds: { certain: Math.max(CERTAIN, link), link, review: Math.min(REVIEW, link) },
  });
}
