import { setImmediate as yieldNow } from 'node:timers/promises';
import { type Views } from '@chartledger/projection';
import { type Model } from '../engine/model.js';
import { FEATURES } from '../features/features.projection.js';
import { type FeatureStore, type PatientVersion } from '../features/feature-store.js';
import { type PersonFields } from '../engine/person-fields.js';
import { patientKey, type PatientKey, type RecordName } from '../persons/person-entries.js';
import { type PatientTap } from './patient-tap.js';
import { RecordIndex } from './record-index.js';

/** How long it keeps the thread before others have a turn. */
const SLICE_MS = 8;

export interface FollowerContext {
  views: Views;
  /** The chains of the sources. */
  chains: readonly number[];
  features: FeatureStore;
}

/** The first version that a record ever had: before its position nobody knew of the record. */
export interface FirstVersion {
  chain: number;
  seq: number;
}

/** Told of a record that changed; `first`: it is new, by this version. */
export type OnChanged = (name: RecordName, first?: FirstVersion) => void;

/** A record that may be of the person who is described. */
export interface Candidate extends PatientKey {
  /** Of the version that was compared. */
  seq: number;
  /** Thousandths of a bit. */
  score: number;
}

/** How often it looks for data keys that were destroyed. */
const LOOK_FOR_KEYS_MS = 1_000;

/** The index of all Patients up to a position of each chain, and how it goes on from there. */
export class PatientFollower {
  /** Records whose data key was destroyed: they are not in the index, whatever comes. */
  readonly shredded = new Set<RecordName>();
  private destroyedKeys: ReadonlySet<string> = new Set();
  private lookedMs = -Infinity;

  private constructor(
    private readonly context: FollowerContext,
    readonly index: RecordIndex,
    /** Everything up to here is in the index, and nothing after. */
    readonly positions: Map<number, number>,
  ) {}

  /**
   * Loads the versions that held at the positions. Others have their turn on the thread while it does.
   * @param onPage told how many records are loaded; throws to end it.
   */
  static async load(
    context: FollowerContext,
    model: Model,
    positions: ReadonlyMap<number, number>,
    onPage: (loaded: number) => void = () => undefined,
  ): Promise<PatientFollower> {
    const follower = new PatientFollower(context, new RecordIndex(model), new Map(positions));
    // First: what is not readable any more is not loaded.
    await follower.forgetShredded();
    const { index } = follower;
    const pause = pauses();
    for (const [chain, position] of positions) {
      const { schema } = await context.views.upToDate(FEATURES, chain);
      for await (const page of context.features.standing(schema, chain, position)) {
        for (const { name, seq, time, fields } of page) {
          index.put({ name, chain, seq, time }, fields!);
          await pause();
        }
        onPage(index.size);
      }
    }
    return follower;
  }

  /**
   * Takes in the next changes of all chains, up to `limit`, of the taps where they have them. False: there were none.
   * After an error it goes on where it was.
   * @param onChanged told of each record that changed, and of those that it hung together with directly before.
   */
  async advance(
    limit: number,
    taps: ReadonlyMap<number, PatientTap> = new Map(),
    onChanged: OnChanged = () => undefined,
  ): Promise<boolean> {
    const pause = pauses();
    await this.forgetShredded(onChanged);
    let count = 0;
    for (const chain of this.context.chains) {
      if (count >= limit) break;
      const position = this.positions.get(chain) ?? -1;
      const { versions, to } =
        taps.get(chain)?.take(position, limit - count) ?? (await this.read(chain, position, limit - count));
      count += versions.length;
      for (const version of versions) {
        this.takeIn(version, onChanged);
        this.positions.set(chain, version.seq);
        await pause();
      }
      this.positions.set(chain, to);
    }
    return count > 0;
  }

  /** The records that may be of somebody who is described, the best first; at or above the review threshold. */
  find(fields: PersonFields): Candidate[] {
    return this.index
      .search(fields)
      .map(({ score, record }) => ({ ...patientKey(record.name), seq: record.seq, score }));
  }

  /** Takes the records out whose data key was destroyed since it looked last. */
  private async forgetShredded(onChanged: OnChanged = () => undefined): Promise<void> {
    if (performance.now() - this.lookedMs < LOOK_FOR_KEYS_MS) return;
    const { features, views, chains } = this.context;
    const destroyed = await features.destroyedKeys();
    const keys = [...destroyed].filter((key) => !this.destroyedKeys.has(key));
    for (const chain of keys.length > 0 ? chains : []) {
      const { schema } = await views.upToDate(FEATURES, chain);
      for (const name of await features.forget(schema, chain, keys)) {
        this.shredded.add(name);
        this.leave(name, onChanged);
      }
    }
    this.destroyedKeys = destroyed;
    this.lookedMs = performance.now();
  }

  private takeIn({ name, chain, seq, time, fields, isFirst }: PatientVersion, onChanged: OnChanged): void {
    this.leave(name, onChanged, isFirst ? { chain, seq } : undefined);
    if (fields && !this.shredded.has(name)) this.index.connect({ name, chain, seq, time }, fields);
  }

  private leave(name: RecordName, onChanged: OnChanged, first?: FirstVersion): void {
    const { index } = this;
    const row = index.row(name);
    if (row !== undefined) for (const { row: other } of index.edgesOf(row)) onChanged(index.name(other));
    onChanged(name, first);
    index.remove(name);
  }

  private async read(
    chain: number,
    position: number,
    limit: number,
  ): Promise<{ versions: PatientVersion[]; to: number }> {
    const { schema, applied } = await this.context.views.upToDate(FEATURES, chain);
    if (applied <= position) return { versions: [], to: position };
    const versions = await this.context.features.changes(schema, chain, position, limit);
    const to = versions.length < limit ? applied : versions[versions.length - 1].seq;
    return { versions: versions.filter(({ seq }) => seq <= to), to };
  }
}

/** Gives the thread away when it was kept for long enough. */
export function pauses(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since <= SLICE_MS) return undefined;
    return yieldNow().then(() => {
      since = performance.now();
    });
  };
}
