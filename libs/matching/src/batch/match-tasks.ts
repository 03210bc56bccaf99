import { type HotKeys, NO_HOT_KEYS } from '../engine/blocking-keys.js';
import { type LevelProbabilities, type Model } from '../engine/model.js';
import { PairComparer } from '../engine/pair-comparer.js';
import { type TableArrays } from '../engine/record-table.js';
import { Scorer } from '../engine/scorer.js';
import { type BlockedRows, fillKeys, modelBlocks, type RowKeys, ruleBlocks, type RuleBlocks } from './candidates.js';
import { compareBlocks, type ComparedPairs, HopelessPatterns } from './compare-pairs.js';
import { type ScoredPairs } from './partition.js';
import { type LevelSample, sampleLevels } from './random-pairs.js';
import { scoreBlocks } from './score-blocks.js';

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
  /** The model that is applied; undefined while one is learned. */
  model?: Model;
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
    }
  | { kind: 'modelBlocks'; column: number }
  | { kind: 'score'; column: number; blocks: Pick<RuleBlocks, 'sorted' | 'blocks'> };

export interface TaskResults {
  keys: undefined;
  blocks: RuleBlocks;
  sample: LevelSample;
  compare: ComparedPairs;
  modelBlocks: RuleBlocks;
  score: ScoredPairs;
}

/** Does tasks over one state; what it remembers between them is for speed alone. */
export class TaskRunner {
  private readonly comparer: PairComparer;
  private hopeless: HopelessPatterns | undefined;
  private readonly hot: HotKeys;
  private readonly scorer: Scorer | undefined;

  constructor(private readonly state: MatchState) {
    this.comparer = new PairComparer(state.arrays);
    this.hot = state.model ? new Set(state.model.hotKeys) : NO_HOT_KEYS;
    this.scorer = state.model && new Scorer(state.model);
  }

  run(task: MatchTask): TaskResults[MatchTask['kind']] {
    const { arrays, blocked, keys, records, sizeA, source } = this.state;
    switch (task.kind) {
      case 'keys':
        fillKeys(blocked, arrays.facts, keys, task.from, task.to, this.hot);
        return undefined;
      case 'blocks':
        return ruleBlocks(task.column, blocked, arrays.facts, keys);
      case 'sample':
        return sampleLevels(this.comparer, records, sizeA, task.part, task.parts);
      case 'compare':
        this.hopeless ??= new HopelessPatterns(task.u, task.prior);
        return compareBlocks(task.column, task.blocks, blocked, keys, this.comparer, this.hopeless, source);
      case 'modelBlocks':
        return modelBlocks(task.column, blocked, keys);
      case 'score':
        return scoreBlocks(
          task.column,
          task.blocks,
          blocked,
          keys,
          arrays,
          this.comparer,
          this.scorer!,
          this.state.model!,
        );
    }
  }
}

const KEY_ROWS = 50_000;

/** The keys of all rows, in pieces. */
export function keyTasks(rows: number): (MatchTask & { kind: 'keys' })[] {
  const tasks: (MatchTask & { kind: 'keys' })[] = [];
  for (let from = 0; from < rows; from += KEY_ROWS)
    tasks.push({ kind: 'keys', from, to: Math.min(rows, from + KEY_ROWS) });
  return tasks;
}
