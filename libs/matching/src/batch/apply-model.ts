import { type Model } from '../engine/model.js';
import { ROW_INTS, type TableArrays } from '../engine/record-table.js';
import { blockedRows, emptyKeys } from './candidates.js';
import { keyTasks, type MatchState } from './match-tasks.js';
import { MatchThreads, runLongest } from './match-threads.js';
import { atLeast, type ScoredPairs } from './partition.js';
import { type StageProgress } from './stage-progress.js';

export interface ApplyOptions {
  /** Threads to compare on; 0 compares where it is called. */
  threads: number;
  progress: StageProgress;
  /** Ends it between two pieces of work. */
  signal?: AbortSignal;
}

/**
 * The pairs at or above the review threshold of a model that exists, each once: those that single records find one after
 * the other under the same model, with the same scores.
 * @param arrays of records that were prepared under the model, its placeholders left out. Rows that are added meanwhile do
 *   not count.
 */
export async function applyModel(
  arrays: TableArrays,
  model: Model,
  { threads, progress, signal }: ApplyOptions,
): Promise<ScoredPairs> {
  const part = (share: number): void => {
    signal?.throwIfAborted();
    progress.part(share);
  };
  progress.begin('keys');
  const blocked = blockedRows(arrays);
  const records = arrays.rows.length / ROW_INTS;
  const keys = emptyKeys(blocked.count, model.rules);
  const state: MatchState = { arrays, blocked, keys, records, sizeA: undefined, source: undefined, model };
  const pool = await MatchThreads.start(state, threads);
  try {
    await pool.run(keyTasks(blocked.count), part);
    progress.begin('blocks');
    const blocks = await pool.run(
      model.rules.map((_, column) => ({ kind: 'modelBlocks', column }) as const),
      part,
    );
    progress.begin('score');
    const tasks = blocks.map(({ sorted, blocks: ends, pairs }, column) => ({
      size: pairs,
      task: { kind: 'score', column, blocks: { sorted, blocks: ends } } as const,
    }));
    return atLeast(joined(await runLongest(pool, tasks, part)), model.thresholds.review);
  } finally {
    await pool.stop();
  }
}

function joined(parts: readonly ScoredPairs[]): ScoredPairs {
  const count = parts.reduce((sum, { score }) => sum + score.length, 0);
  const all = { a: new Int32Array(count), b: new Int32Array(count), score: new Int32Array(count) };
  let at = 0;
  for (const { a, b, score } of parts) {
    all.a.set(a, at);
    all.b.set(b, at);
    all.score.set(score, at);
    at += score.length;
  }
  return all;
}
