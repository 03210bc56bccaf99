import { type Pool } from 'pg';
import { applyModel } from '../batch/apply-model.js';
import { type StageProgress } from '../batch/stage-progress.js';
import { allOpenReviews, everybody } from '../persons/all-persons.js';
import { type RecordName } from '../persons/person-entries.js';
import { type Standing } from '../persons/standing-persons.js';
import { ComparedSet } from './compared-set.js';
import { Standings, type Difference } from './differences.js';
import { type OnlineTable } from './online-table.js';
import { pauses } from './patient-follower.js';
import { type Rulings } from './rulings.js';

/** Records under a model. */
export interface RecordSet {
  table: OnlineTable;
  /** By row of the table; undefined: the row is of nobody. Rows that are added later do not count. */
  names: readonly (RecordName | undefined)[];
}

export interface RematchOptions {
  threads: number;
  /** Of `APPLYING`; the records are read. */
  progress: StageProgress;
  signal?: AbortSignal;
}

/**
 * Matches all records under a model at once, on threads, and holds it against who is whom as of a position: what is told
 * is what the matcher would decide otherwise, unit by unit. Others have their turn on this thread.
 * @param rulings of stewards; they stand above the model.
 */
export async function* rematch(
  pool: Pool,
  standing: Standing,
  { table, names }: RecordSet,
  rulings: Rulings,
  { threads, progress, signal }: RematchOptions,
): AsyncGenerator<Difference, Standings> {
  const { arrays, model } = table;
  const pairs = await applyModel(arrays, model, { threads, progress, signal });
  progress.begin('persons');
  const standings = new Standings(new ComparedSet(model, names, pairs, table), rulings);
  for await (const page of everybody(pool, standing)) {
    signal?.throwIfAborted();
    for (const person of page) standings.addPerson(person);
    progress.part(standings.totals.records / Math.max(1, names.length));
  }
  for (const review of await allOpenReviews(pool, standing)) standings.addReview(review);
  progress.begin('differences');
  const pause = pauses();
  for (const difference of standings.differences()) {
    if (difference) yield difference;
    signal?.throwIfAborted();
    await pause();
  }
  return standings;
}
