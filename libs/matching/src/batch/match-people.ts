import { type Model } from '../engine/model.js';
import { PairComparer } from '../engine/pair-comparer.js';
import { type RecordTable, ROW, ROW_INTS } from '../engine/record-table.js';
import { Scorer } from '../engine/scorer.js';
import { termWeights } from '../engine/term-weights.js';
import { blockedRows, emptyKeys, MOST_IN_BLOCK, rulesInUse, splitRule } from './candidates.js';
import { compareRule, HopelessPatterns, PAIR_INTS } from './compare-pairs.js';
import { type Cut, expectedCut } from './cut.js';
import { dropPlaceholders, termTable } from './frequencies.js';
import { partition, type ScoredPairs } from './partition.js';
import { type People } from './people-table.js';
import { sampleLevels } from './random-pairs.js';
import { trainModel, universeOf } from './train-model.js';
import { maximizeExpectation } from './expectation-maximization.js';

export interface Matched {
  model: Model;
  cut: Cut;
  /** Pairs at or above the review threshold. */
  pairs: ScoredPairs;
  /** Of each record the first record of its cluster. */
  cluster: Int32Array;
  candidates: number;
  /** Records in blocks that no further part splits: not compared under that rule. */
  unsplit: number;
}

/** Pairs down to it hold a component together; average linkage decides. */
const REVIEW = -4300;

export function matchPeople(
  table: RecordTable,
  people: People,
  lap: (stage: string) => void = () => undefined,
): Matched {
  const records = table.size;
  const sizeA = people.columns.length > 1 ? people.source.indexOf(1) : undefined;
  const source = sizeA === undefined ? undefined : Uint8Array.from(people.source);
  const placeholders = dropPlaceholders(table);
  lap('placeholders');
  const { rows, facts } = table.arrays;
  const terms = {
    given: termTable([ROW.given], rows, facts),
    family: termTable([ROW.family], rows, facts),
    place: termTable([ROW.suburb], rows, facts),
    street: termTable([ROW.street], rows, facts),
  };
  table.values.weighAll(termWeights({ terms }));
  lap('frequencies');
  const { arrays } = table;
  const blocked = blockedRows(arrays);
  const keys = emptyKeys(blocked.count);
  const hotKeys: number[] = [];
  let unsplit = 0;
  const rules = rulesInUse(blocked, arrays.facts);
  lap('rules');
  rules.forEach((rule) => {
    const split = splitRule(rule, blocked, arrays.facts, keys, MOST_IN_BLOCK);
    hotKeys.push(...split.hot);
    unsplit += split.left;
  });
  lap('keys');
  const comparer = new PairComparer(arrays);
  const sample = sampleLevels(comparer, records, sizeA);
  const universe = universeOf(arrays, sizeA, sample);
  lap('random');
  const first = maximizeExpectation({ patterns: new Int32Array(0), counts: new Float64Array(0) }, universe);
  const hopeless = new HopelessPatterns(first.u, Math.log2((records * 0.2) / universe.pairs));
  const compared = rules.map((rule) => compareRule(rule, blocked, keys, comparer, hopeless, source));
  const candidates = compared.reduce((sum, part) => sum + part.candidates, 0);
  lap('compare');
  const counts = new Map<number, number>();
  let kept = 0;
  for (const { pairs } of compared) {
    kept += pairs.length / PAIR_INTS;
    for (let at = 2; at < pairs.length; at += PAIR_INTS) counts.set(pairs[at], (counts.get(pairs[at]) ?? 0) + 1);
  }
  const patterns = Int32Array.from(counts.keys()).sort();
  const { model: trained } = trainModel(
    { patterns, counts: Float64Array.from(patterns, (pattern) => counts.get(pattern)!) },
    universe,
    { terms, rules, hotKeys, placeholders, thresholds: { link: 0, review: REVIEW } },
    candidates,
  );
  lap('train');
  const scorer = new Scorer(trained);
  const scores = new Int32Array(kept);
  const a = new Int32Array(kept);
  const b = new Int32Array(kept);
  let at = 0;
  const facts4 = { pattern: 0, givenTerm: 0, familyTerm: 0, placeTerm: 0, flagsA: 0, flagsB: 0 };
  for (const { pairs } of compared) {
    for (let p = 0; p < pairs.length; p += PAIR_INTS, at++) {
      a[at] = pairs[p];
      b[at] = pairs[p + 1];
      facts4.pattern = pairs[p + 2];
      facts4.givenTerm = pairs[p + 3];
      facts4.familyTerm = pairs[p + 4] - pairs[p + 3];
      facts4.flagsA = arrays.rows[a[at] * ROW_INTS + ROW.flags];
      facts4.flagsB = arrays.rows[b[at] * ROW_INTS + ROW.flags];
      scores[at] = scorer.score(facts4);
    }
  }
  lap('score');
  const cut = expectedCut(scores, trained.training.matches);
  const model: Model = { ...trained, thresholds: { link: cut.link, review: Math.min(REVIEW, cut.link) } };
  const above = Int32Array.from(scores.keys()).filter((i) => scores[i] >= model.thresholds.review);
  const pairs: ScoredPairs = {
    a: above.map((i) => a[i]),
    b: above.map((i) => b[i]),
    score: above.map((i) => scores[i]),
  };
  lap('cut');
  const score = (i: number, j: number): number => {
    facts4.pattern = comparer.compare(i, j);
    facts4.givenTerm = comparer.givenTerm;
    facts4.familyTerm = comparer.familyTerm + comparer.placeTerm;
    facts4.flagsA = arrays.rows[i * ROW_INTS + ROW.flags];
    facts4.flagsB = arrays.rows[j * ROW_INTS + ROW.flags];
    return scorer.score(facts4);
  };
  const cluster = partition(records, pairs, score, model.thresholds, (record) => people.ids[record]);
  lap('partition');
  return { model, cut, pairs, cluster, candidates, unsplit };
}
