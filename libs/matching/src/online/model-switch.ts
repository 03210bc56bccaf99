import { type Pool } from 'pg';
import { APPLYING, StageProgress, type ProgressShare } from '../batch/stage-progress.js';
import { type RecordName } from '../persons/person-entries.js';
import { type Standing } from '../persons/standing-persons.js';
import { recordsOf } from './differences.js';
import { type PatientFollower } from './patient-follower.js';
import { type RecordIndex } from './record-index.js';
import { rematch } from './rematch.js';
import { type Rulings } from './rulings.js';

/** What there is to do under a model: records that are decided on together, by one group after the other. */
export interface ModelSwitch {
  patients: PatientFollower;
  groups: RecordName[][];
}

export interface SwitchNeeds {
  pool: Pool;
  /** Resolves with all records under the model. `onLoaded` is told how many there are so far; throws to end it. */
  load: (onLoaded: (records: number) => void) => Promise<PatientFollower>;
  /** About how many records there are. */
  records: number;
  standing: () => Promise<Standing>;
  rulings: Rulings;
  threads: (records: number) => number;
  /** Told when it is ready, or failed. */
  onSettled: () => void;
}

/**
 * Gets a model ready that was adopted: loads all records under it and finds out, set-based, about whom it decides
 * otherwise. Meanwhile the matcher goes on under the model before; what it decides MUST be told by `touch`.
 */
export class ModelPreparation {
  ready: ModelSwitch | undefined;
  error: Error | undefined;
  /** How far it is, and since when. */
  at: ProgressShare = { stage: 'read', share: 0 };
  readonly startedMs = Date.now();
  /** Records that were decided on since it began: what it found out of them is out of date. */
  readonly touched = new Set<RecordName>();
  private readonly ending = new AbortController();
  private readonly running: Promise<void>;

  /** @param model seq of the model's entry. */
  constructor(
    readonly model: number | undefined,
    needs: SwitchNeeds,
  ) {
    this.running = this.prepare(needs)
      .catch((error: Error) => {
        this.error = error;
      })
      .finally(needs.onSettled);
  }

  touch(names: Iterable<RecordName>): void {
    for (const name of names) this.touched.add(name);
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  private async prepare({ pool, load, records, standing, rulings, threads }: SwitchNeeds): Promise<void> {
    const { signal } = this.ending;
    const progress = new StageProgress(APPLYING, (at) => (this.at = at));
    progress.begin('read');
    const patients = await load((loaded) => {
      signal.throwIfAborted();
      progress.part(loaded / Math.max(1, records));
    });
    const { index } = patients;
    const set = { table: index.table, names: namesByRow(index) };
    const groups: RecordName[][] = [];
    // The persons of now, which stand on the rulings or on newer ones: who is ruled on since is decided on anew anyway.
    const options = { threads: threads(index.size), progress, signal };
    for await (const { unit } of rematch(pool, await standing(), set, rulings, options)) groups.push(recordsOf(unit));
    this.ready = { patients, groups };
  }
}

function namesByRow(index: RecordIndex): (RecordName | undefined)[] {
  const names = new Array<RecordName | undefined>(index.table.size);
  for (const name of index.names()) names[index.row(name)!] = name;
  return names;
}
