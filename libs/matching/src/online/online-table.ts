import { blockingKeys } from '../engine/blocking-keys.js';
import { type Model } from '../engine/model.js';
import { PairComparer } from '../engine/pair-comparer.js';
import { type PersonFields } from '../engine/person-fields.js';
import { withoutPlaceholders } from '../engine/placeholders.js';
import { prepareFields } from '../engine/prepare.js';
import { RecordTable, ROW, ROW_INTS, type TableArrays } from '../engine/record-table.js';
import { type PairFacts, Scorer } from '../engine/scorer.js';
import { termWeights } from '../engine/term-weights.js';
import { Values } from '../engine/values.js';

/**
 * Records as rows of integers under one model, compared by the code that a batch is compared by: some 100 bytes a record,
 * and nothing to decode for a comparison. Rows are added and never removed.
 */
export class OnlineTable {
  readonly scorer: Scorer;
  private readonly table: RecordTable;
  private readonly comparer: PairComparer;
  /** In shared memory; of the rows as they are since the last addition. */
  arrays: TableArrays;
  private readonly hotKeys: ReadonlySet<number>;
  private readonly placeholders: ReadonlySet<number>;

  constructor(readonly model: Model) {
    this.scorer = new Scorer(model);
    this.table = new RecordTable(new Values(termWeights(model)));
    this.arrays = this.table.arrays;
    this.comparer = new PairComparer(this.arrays);
    this.hotKeys = new Set(model.hotKeys);
    this.placeholders = new Set(model.placeholders);
  }

  get size(): number {
    return this.table.size;
  }

  /** Adds a record; returns its row. Never throws on odd input. */
  add(fields: PersonFields): number {
    const row = this.table.add(withoutPlaceholders(prepareFields(fields), this.placeholders));
    this.arrays = this.table.arrays;
    this.comparer.use(this.arrays);
    return row;
  }

  /** The blocks that the row is in. */
  keys(row: number): number[] {
    return blockingKeys(row, this.arrays, this.hotKeys, this.model.rules);
  }

  /** What of a pair decides; the same for either order of the two. */
  pair(one: number, other: number): PairFacts {
    const { comparer } = this;
    const { rows } = this.arrays;
    const pattern = comparer.compare(one, other);
    const { givenTerm, familyTerm, placeTerm } = comparer;
    const flagsA = rows[one * ROW_INTS + ROW.flags];
    const flagsB = rows[other * ROW_INTS + ROW.flags];
    return { pattern, givenTerm, familyTerm, placeTerm, flagsA, flagsB };
  }

  /** Thousandths of a bit. */
  score(one: number, other: number): number {
    return this.scorer.score(this.pair(one, other));
  }
}
