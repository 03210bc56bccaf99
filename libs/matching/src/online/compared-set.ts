import { type ScoredPairs } from '../batch/partition.js';
import { type Model } from '../engine/model.js';
import { type RecordName } from '../persons/person-entries.js';
import { type ComparedRecords } from './neighbourhood.js';
import { type Edge } from './record-index.js';

/** A set of records of which all pairs at or above the review threshold are known: 20 bytes a pair and a map of names. */
export class ComparedSet implements ComparedRecords {
  private readonly rows = new Map<RecordName, number>();
  /** Where the edges of each row begin; those of a row are those up to the next one's. */
  private readonly starts: Int32Array;
  private readonly others: Int32Array;
  private readonly scores: Int32Array;

  /**
   * @param names by row; undefined: the row is of nobody.
   * @param pairs over these rows, each once.
   * @param table scores any two of the rows.
   */
  constructor(
    readonly model: Pick<Model, 'thresholds'>,
    readonly names: readonly (RecordName | undefined)[],
    readonly pairs: ScoredPairs,
    readonly table: ComparedRecords['table'],
  ) {
    names.forEach((name, row) => {
      if (name !== undefined) this.rows.set(name, row);
    });
    const { a, b, score } = pairs;
    this.starts = new Int32Array(names.length + 1);
    for (let at = 0; at < a.length; at++) {
      this.starts[a[at] + 1]++;
      this.starts[b[at] + 1]++;
    }
    for (let row = 0; row < names.length; row++) this.starts[row + 1] += this.starts[row];
    const next = this.starts.slice();
    this.others = new Int32Array(2 * a.length);
    this.scores = new Int32Array(2 * a.length);
    for (let at = 0; at < a.length; at++) {
      for (const [one, other] of [
        [a[at], b[at]],
        [b[at], a[at]],
      ]) {
        this.others[next[one]] = other;
        this.scores[next[one]++] = score[at];
      }
    }
  }

  row(name: RecordName): number | undefined {
    return this.rows.get(name);
  }

  /** @throws TypeError for a row that is of nobody. */
  name(row: number): RecordName {
    const name = this.names[row];
    if (name === undefined) throw new TypeError('the row is of no record');
    return name;
  }

  edgesOf(row: number): readonly Edge[] {
    const edges: Edge[] = [];
    for (let at = this.starts[row]; at < this.starts[row + 1]; at++) {
      edges.push({ row: this.others[at], score: this.scores[at] });
    }
    return edges;
  }
}
