import { type LevelProbabilities } from '../engine/model.js';
import { PairComparer } from '../engine/pair-comparer.js';
import { type TableArrays } from '../engine/record-table.js';
import { type BlockedRows, fillKeys, type RowKeys, ruleBlocks, type RuleBlocks } from './candidates.js';
import { compareBlocks, type ComparedPairs, HopelessPatterns } from './compare-pairs.js';
import { type LevelSample, sampleLevels } from './random-pairs.js';

/** What all threads share: arrays in shared memory, never copied. */
export interface MatchState {
  arrays: TableArrays;
  blocked: BlockedRows;
  keys: RowKeys;
  records: number;
  /** Records of the first source, where two are linked. */
  sizeA: number | undefined;
  /** The source of each record, where two are linked. */
  source: Uint8Array | undefined;
}

/** A piece of work that needs nothing of the other pieces of its kind. */
export type MatchTask =
  | { kind: 'keys'; from: number; to: number }
  | { kind: 'blocks'; column: number }
  | { kind: 'sample'; part: number; parts: number }
  | {
      kind: 'compare';
      column: number;
      blocks: Pick<RuleBlocks, 'sorted' | 'blocks'>;
      u: LevelProbabilities;
      /** log2 odds of a match before comparing. */
      prior: number;
    };

export interface TaskResults {
  keys: undefined;
  blocks: RuleBlocks;
  sample: LevelSample;
  compare: ComparedPairs;
}

/** Does tasks over one state; what it remembers between them is for speed alone. */
export class TaskRunner {
  private readonly comparer: PairComparer;
  private hopeless: HopelessPatterns | undefined;

  constructor(private readonly state: MatchState) {
    this.comparer = new PairComparer(state.arrays);
  }

  run(task: MatchTask): TaskResults[MatchTask['kind']] {
    const { arrays, blocked, keys, records, sizeA, source } = this.state;
    switch (task.kind) {
      case 'keys':
        fillKeys(blocked, arrays.facts, keys, task.from, task.to);
        return undefined;
      case 'blocks':
        return ruleBlocks(task.column, blocked, arrays.facts, keys);
      case 'sample':
        return sampleLevels(this.comparer, records, sizeA, task.part, task.parts);
      case 'compare':
        this.hopeless ??= new HopelessPatterns(task.u, task.prior);
        return compareBlocks(task.column, task.blocks, blocked, keys, this.comparer, this.hopeless, source);
    }
  }
}
