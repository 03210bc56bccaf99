import { blockingKeys } from './blocking-keys.js';
import { type Comparison } from './comparisons.js';
import { gradeOf, type Grade } from './grade.js';
import { type Model } from './model.js';
import { PairComparer } from './pair-comparer.js';
import { type PersonFields } from './person-fields.js';
import { withoutPlaceholders } from './placeholders.js';
import { PREPARATION_VERSION, prepareFields, type PreparedRecord } from './prepare.js';
import { RecordTable, ROW, ROW_INTS } from './record-table.js';
import { type NonMatch, type Rule, Scorer } from './scorer.js';
import { termWeights } from './term-weights.js';
import { Values } from './values.js';
import { weighPair } from './weigh-pair.js';

export interface PairScore {
  /** The comparison pattern: `levelsOf` gives its levels. */
  pattern: number;
  /** Log-odds of one person, thousandths of a bit: 0 even odds, 1000 two to one. */
  score: number;
  grade: Grade;
  /** The rule that stands above the weights. */
  rule?: Rule;
}

/** Why a pair has its score: prior, weights and, where a rule decided, what it took away. They sum to `total` exactly. */
export interface Explanation {
  prior: number;
  comparisons: { field: Comparison; level: string; weight: number }[];
  /** What the pair was measured against: the likeliest kind of non-match. */
  against: NonMatch;
  rule?: { name: Rule; weight: number };
  total: number;
}

/** Records in the scratch table before it is begun anew. */
const SCRATCH_RECORDS = 20_000;

/**
 * Compares single records under one model, by the same code as a batch. Not for use by two threads at once: each has its
 * own.
 */
export class MatchEngine {
  private readonly scorer: Scorer;
  private readonly hotKeys: ReadonlySet<number>;
  private readonly placeholders: ReadonlySet<number>;
  private readonly terms;
  private table!: RecordTable;
  private rows!: WeakMap<PreparedRecord, number>;
  private comparer!: PairComparer;

  constructor(readonly model: Model) {
    if (model.preparation !== PREPARATION_VERSION)
      throw new Error(
        `the model was trained under preparation ${model.preparation}, this program has ${PREPARATION_VERSION}: train it anew`,
      );
    this.scorer = new Scorer(model);
    this.hotKeys = new Set(model.hotKeys);
    this.placeholders = new Set(model.placeholders);
    this.terms = termWeights(model);
    this.clear();
  }

  /** Normalises what a record says; never throws on odd input. */
  prepare(fields: PersonFields): PreparedRecord {
    return prepareFields(fields);
  }

  /** The record in bytes, to be kept encrypted; `decode` gives it back. */
  encode(record: PreparedRecord): Buffer {
    return Buffer.from(JSON.stringify({ v: PREPARATION_VERSION, ...record }));
  }

  /** @throws Error for a record that was prepared by another version of the program: prepare it anew */
  decode(bytes: Buffer): PreparedRecord {
    const { v, ...record } = JSON.parse(bytes.toString('utf8')) as PreparedRecord & { v: number };
    if (v !== PREPARATION_VERSION) throw new Error(`the record was prepared by version ${v}: prepare it anew`);
    return record;
  }

  /** The blocks a record is in, as numbers of 52 bits: records that share none are never compared. */
  keys(record: PreparedRecord): number[] {
    return blockingKeys(this.rowOf(record), this.table.arrays, this.hotKeys, this.model.rules);
  }

  compare(a: PreparedRecord, b: PreparedRecord): PairScore {
    const pair = this.pair(a, b);
    const { score, rule } = this.scorer.verdict(pair);
    return {
      pattern: pair.pattern,
      score,
      grade: gradeOf(score, pair.pattern, this.model.thresholds),
      ...(rule && { rule }),
    };
  }

  explain(a: PreparedRecord, b: PreparedRecord): Explanation {
    const { verdict, prior, comparisons } = weighPair(this.scorer, this.pair(a, b));
    const { against, score, rule } = verdict;
    const weighed = comparisons.reduce((sum, { weight }) => sum + weight, prior);
    return {
      prior,
      comparisons,
      against,
      ...(rule && { rule: { name: rule, weight: score - weighed } }),
      total: score,
    };
  }

  private pair(a: PreparedRecord, b: PreparedRecord): Parameters<Scorer['score']>[0] {
    // Both rows first: adding one may begin the table anew or move its arrays.
    if (this.table.size > SCRATCH_RECORDS) this.clear();
    const i = this.rowOf(a);
    const j = this.rowOf(b);
    const { rows } = this.table.arrays;
    this.comparer.use(this.table.arrays);
    const pattern = this.comparer.compare(i, j);
    const { givenTerm, familyTerm, placeTerm } = this.comparer;
    const flagsA = rows[i * ROW_INTS + ROW.flags];
    const flagsB = rows[j * ROW_INTS + ROW.flags];
    return { pattern, givenTerm, familyTerm, placeTerm, flagsA, flagsB };
  }

  private rowOf(record: PreparedRecord): number {
    const known = this.rows.get(record);
    if (known !== undefined) return known;
    const row = this.table.add(withoutPlaceholders(record, this.placeholders));
    this.rows.set(record, row);
    return row;
  }

  private clear(): void {
    this.table = new RecordTable(new Values(this.terms));
    this.rows = new WeakMap();
    this.comparer = new PairComparer(this.table.arrays);
  }
}
