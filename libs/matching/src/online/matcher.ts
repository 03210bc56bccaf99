import { setImmediate as yieldNow, setTimeout as delay } from 'node:timers/promises';
import { type Pool } from 'pg';
import { formatPosition, parsePosition, parsePositions, SYSTEM_CHAIN } from '@chartledger/ledger';
import { FhirError, UnavailableError, type Logger } from '@chartledger/platform';
import { type ProjectedEntry, type Views } from '@chartledger/projection';
import { systemSubmission, type Outcome, type Submission, type SystemChange } from '@chartledger/sequence';
import { DEFAULT_MODEL } from '../engine/default-model.js';
import { type Model } from '../engine/model.js';
import { type PersonFields } from '../engine/person-fields.js';
import { FEATURES } from '../features/features.projection.js';
import { type FeatureStore, type PatientVersion } from '../features/feature-store.js';
import { type Progress, type RecordName } from '../persons/person-entries.js';
import { PERSONS } from '../persons/persons.projection.js';
import { readStanding, rulingsAt, type Standing } from '../persons/standing-persons.js';
import { closureOf } from './closure.js';
import { basisOf, fenceEntry } from './decision-entries.js';
import { type DecisionIds } from './decision-ids.js';
import { type DecisionLock } from './decision-lock.js';
import { decideUnit, unitsOf } from './model-decision.js';
import { neighbourhoods } from './neighbourhood.js';
import { PatientTap } from './patient-tap.js';
import { RecordIndex } from './record-index.js';
import { Rulings } from './rulings.js';
import { unitEntries } from './unit-entries.js';

/** Patient versions of one transaction when the matcher is behind: a second of work, and a megabyte of entries. */
const MAX_BATCH = 500;
/** How long it keeps the thread before others have a turn. */
const SLICE_MS = 8;
/** How often it looks where nobody wakes it: for what another process appended. */
const LOOK_MS = 25;
/** Where it is woken it looks all the same, for what it was not told of. */
const LOOK_AGAIN_MS = 1_000;
const RETRY_MS = 300;
/** Rows of versions that are no more, over so many the index is made anew when they are the greater part. */
const MAX_GARBAGE = 200_000;
const MATCHER = { client: 'matcher' };

export interface MatcherContext {
  pool: Pool;
  views: Views;
  /** The chains of the sources. */
  chains: readonly number[];
  features: FeatureStore;
  /** The model that an entry of the system's chain holds. */
  modelAt: (seq: number) => Promise<Model>;
  ids: DecisionIds;
  lock: DecisionLock;
  submit: (submission: Submission) => Promise<Outcome>;
  logger: Logger;
}

/** What it knows, all of one state: everything up to `positions` and nothing after. */
interface Known {
  index: RecordIndex;
  /** Position of the model's entry; undefined for the one that ships. */
  model: number | undefined;
  rulings: Rulings;
  /** Seq of the fence that the rulings were read at. */
  fence: number;
  positions: Map<number, number>;
  /** Up to here every change is decided on. */
  decided: ReadonlyMap<number, number>;
  /** Records whose persons must be decided on anew. */
  changed: Set<RecordName>;
  /** While a new model is adopted: the records that remain, in order, and the last one that does not. */
  adopting: { remaining: RecordName[]; after: RecordName } | undefined;
}

/**
 * Follows the Patients of all sources and keeps who is whom, on the ledger. One runs at a time (`ShareKeeper`, or the
 * process that owns the system's chain); two would be slow and never wrong, since every decision moves on the fence.
 */
export class Matcher {
  private readonly taps = new Map<number, PatientTap>();
  private known: Known | undefined;
  private running: Promise<void> | undefined;
  private stopping = false;
  private wake: (() => void) | undefined;
  private isWoken = false;
  private failure: Error | undefined;
  private waiters: { chain: number; seq: number; resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(private readonly context: MatcherContext) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeUp();
    await this.running;
    for (const { reject } of this.waiters.splice(0)) reject(new UnavailableError('the server is stopping: ask again'));
  }

  /** Why it does not follow now, if it does not. */
  get error(): Error | undefined {
    return this.stopping ? undefined : this.failure;
  }

  /** Up to where a chain's Patients are matched, -1 for none; undefined while it loads. */
  matched(chain: number): number | undefined {
    return this.known?.decided.get(chain);
  }

  /** Told of entries that this process has appended, of any chain: it need not read them, and need not look for them. */
  publish(chain: number, entries: readonly ProjectedEntry[]): void {
    if (chain === SYSTEM_CHAIN) {
      if (entries.some(({ envelope }) => envelope.actor !== MATCHER.client)) this.wakeUp();
      return;
    }
    let tap = this.taps.get(chain);
    if (!tap) this.taps.set(chain, (tap = new PatientTap(chain, entries[0].seq - 1, () => this.wakeUp())));
    tap.publish(entries);
  }

  /** Resolves when every Patient change of the chain up to `seq` is decided on, durably. */
  async reached(chain: number, seq: number): Promise<void> {
    if ((this.matched(chain) ?? -1) >= seq) return;
    await new Promise<void>((resolve, reject) => {
      this.waiters.push({ chain, seq, resolve, reject });
      this.wakeUp();
    });
  }

  /** The records most like somebody who is described. @throws UnavailableError while the index loads. */
  search(fields: PersonFields): ReturnType<RecordIndex['search']> {
    return this.loaded().index.search(fields);
  }

  /** The index that decisions are made with. @throws UnavailableError while it loads. */
  get index(): RecordIndex {
    return this.loaded().index;
  }

  private loaded(): Known {
    if (!this.known) throw new UnavailableError('the index of persons is being loaded: ask again in a moment');
    return this.known;
  }

  private wakeUp(): void {
    this.isWoken = true;
    this.wake?.();
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        const known = (this.known ??= await this.load());
        const isIdle = await this.step(known);
        this.failure = undefined;
        if (known.index.garbage > MAX_GARBAGE && known.index.garbage > known.index.size) this.known = undefined;
        else if (isIdle) await this.sleep();
      } catch (error) {
        if (this.stopping) return;
        this.failure = error as Error;
        this.context.logger.error(
          { stage: 'project', error: (error as Error).message },
          'matching failed and tries again',
        );
        await delay(RETRY_MS);
      }
    }
  }

  /** Until it is told of something, or for as long as it may have missed something. */
  private async sleep(): Promise<void> {
    if (!this.isWoken && !this.stopping) {
      const { chains } = this.context;
      const isTold = chains.length > 0 && chains.every((chain) => this.taps.has(chain));
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        timer = setTimeout(resolve, isTold ? LOOK_AGAIN_MS : LOOK_MS);
      });
      clearTimeout(timer);
      this.wake = undefined;
    }
    this.isWoken = false;
  }

  /** Takes in what changed and decides on it. True: there was nothing. */
  private async step(known: Known): Promise<boolean> {
    const versions = await this.take(known);
    await this.takeIn(known, versions);
    const isIdle = versions.length === 0 && known.changed.size === 0 && !(await this.othersDecided(known));
    if (!isIdle) await this.context.lock.run(() => this.decide(known));
    if (known.changed.size === 0) {
      known.decided = new Map(known.positions);
      this.releaseWaiters(known);
    }
    return isIdle;
  }

  private async take(known: Known): Promise<PatientVersion[]> {
    const taken: PatientVersion[] = [];
    for (const chain of this.context.chains) {
      const limit = MAX_BATCH - taken.length;
      if (limit <= 0) break;
      const position = known.positions.get(chain) ?? -1;
      const { versions, to } =
        this.taps.get(chain)?.take(position, limit) ?? (await this.readChanges(chain, position, limit));
      taken.push(...versions);
      known.positions.set(chain, to);
    }
    return taken;
  }

  private async readChanges(
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

  /** What hung together with a record before counts as changed too: it may fall apart. */
  private async takeIn({ index, rulings, changed }: Known, versions: readonly PatientVersion[]): Promise<void> {
    let since = performance.now();
    for (const { name, chain, seq, time, fields } of versions) {
      for (const other of connectedBefore(index, rulings, name)) changed.add(other);
      changed.add(name);
      if (fields) index.connect({ name, chain, seq, time }, fields);
      else index.remove(name);
      if (performance.now() - since > SLICE_MS) {
        await yieldNow();
        since = performance.now();
      }
    }
  }

  /** Whether a steward has decided, or a model was adopted, since the state that is known. */
  private async othersDecided(known: Known): Promise<boolean> {
    if (known.adopting) return true;
    const standing = await this.standing();
    return (standing.fence?.seq ?? -1) !== known.fence || standing.model !== known.model;
  }

  private async standing(): Promise<Standing> {
    const { schema, applied } = await this.context.views.upToDate(PERSONS, SYSTEM_CHAIN);
    return readStanding(this.context.pool, schema, applied);
  }

  /** One decision: a transaction of the system's source, on the state that it was made on, or nothing of it. */
  private async decide(known: Known): Promise<void> {
    const { pool, ids, submit } = this.context;
    const standing = await this.standing();
    await this.takeInDecisions(known, standing);
    if (known.changed.size === 0 && !known.adopting) return;
    const closure = await closureOf(pool, standing, known.index, known.rulings, known.changed);
    const basis = basisOf(standing, known.positions);
    const submission = ids.submission(standing.fence?.version ?? 0, basis, known.index.model.version);
    const changes = await this.changesOf(known, closure, basis, submission);
    const progress = progressOf(known, basis, submission);
    const outcome = await submit(
      systemSubmission({
        actor: MATCHER,
        id: submission,
        requestId: submission,
        changes: [...changes, fenceEntry(standing, progress)],
      }),
    ).catch((error: Error) => error);
    if (outcome instanceof FhirError && outcome.status === 412) return; // Somebody was first: once more, on what is now.
    if (outcome instanceof Error) throw outcome;
    known.fence = outcome.seq;
    known.changed = new Set();
    if (known.adopting?.remaining.length === 0) known.adopting = undefined;
  }

  private async changesOf(
    known: Known,
    { names, persons, reviews }: Awaited<ReturnType<typeof closureOf>>,
    basis: string,
    submission: string,
  ): Promise<SystemChange[]> {
    const { index, model } = known;
    const units = unitsOf(neighbourhoods(index, known.rulings, names), persons, reviews);
    const modelAt = model === undefined ? undefined : formatPosition(SYSTEM_CHAIN, model);
    const newId = (first: RecordName): string =>
      this.context.ids.person(submission, first, index.record(index.row(first)!).time);
    const changes: SystemChange[] = [];
    let since = performance.now();
    for (const unit of units) {
      changes.push(...unitEntries(decideUnit(index, unit, modelAt, newId), basis, changes.length, this.context.ids));
      if (performance.now() - since > SLICE_MS) {
        await yieldNow();
        since = performance.now();
      }
    }
    return changes;
  }

  /** What others have decided since: rulings of stewards, or a model. */
  private async takeInDecisions(known: Known, standing: Standing): Promise<void> {
    const fence = standing.fence?.seq ?? -1;
    if (fence !== known.fence) {
      const rulings = new Rulings(await rulingsAt(this.context.pool, standing.schema, standing.position));
      for (const name of known.rulings.difference(rulings)) known.changed.add(name);
      known.rulings = rulings;
      known.fence = fence;
    }
    if (standing.model !== known.model) await this.adopt(known, standing.model);
    const { adopting } = known;
    for (const name of adopting?.remaining.splice(0, MAX_BATCH) ?? []) {
      known.changed.add(name);
      adopting!.after = name;
    }
  }

  /** A new model: the same records, prepared and compared anew, all of them. */
  private async adopt(known: Known, model: number | undefined): Promise<void> {
    known.index = await this.loadIndex(await this.modelOf(model), known.positions);
    known.model = model;
    known.adopting = { remaining: [...known.index.names()].sort(), after: '' };
  }

  private async load(): Promise<Known> {
    const standing = await this.standing();
    const progress = standing.fence?.progress;
    const matched = parsePositions(progress?.matched ?? '') ?? new Map<number, number>();
    const adopting = progress?.adopting;
    const model = seqOf(adopting?.model ?? progress?.model);
    const positions = new Map(this.context.chains.map((chain) => [chain, matched.get(chain) ?? -1]));
    const index = await this.loadIndex(await this.modelOf(model), positions);
    const rulings = await rulingsAt(this.context.pool, standing.schema, matched.get(SYSTEM_CHAIN) ?? -1);
    return {
      index,
      model,
      rulings: new Rulings(rulings),
      // Not that of now: what others decided since is taken in by the first decision.
      fence: -2,
      positions,
      decided: new Map(),
      changed: await this.shredded(),
      adopting: adopting && {
        remaining: [...index.names()].filter((name) => name > adopting.after).sort(),
        after: adopting.after,
      },
    };
  }

  private async modelOf(seq: number | undefined): Promise<Model> {
    return seq === undefined ? DEFAULT_MODEL : this.context.modelAt(seq);
  }

  private async loadIndex(model: Model, positions: ReadonlyMap<number, number>): Promise<RecordIndex> {
    const index = new RecordIndex(model);
    for (const [chain, position] of positions) {
      const { schema } = await this.context.views.upToDate(FEATURES, chain);
      for await (const page of this.context.features.standing(schema, chain, position)) {
        let since = performance.now();
        for (const { name, seq, time, fields } of page) {
          index.put({ name, chain, seq, time }, fields!);
          if (performance.now() - since > SLICE_MS) {
            await yieldNow();
            since = performance.now();
          }
        }
        if (this.stopping) throw new UnavailableError('the server is stopping');
      }
    }
    return index;
  }

  /** Records whose data key was destroyed: they are nobody's any more. */
  private async shredded(): Promise<Set<RecordName>> {
    const names = new Set<RecordName>();
    for (const chain of this.context.chains) {
      const { schema } = await this.context.views.upToDate(FEATURES, chain);
      for (const name of await this.context.features.unreadable(schema, chain)) names.add(name);
    }
    return names;
  }

  private releaseWaiters(known: Known): void {
    if (this.waiters.length === 0) return;
    const waiters = this.waiters;
    const isThere = ({ chain, seq }: { chain: number; seq: number }): boolean =>
      (known.decided.get(chain) ?? -1) >= seq;
    this.waiters = waiters.filter((waiter) => !isThere(waiter));
    for (const waiter of waiters) if (isThere(waiter)) waiter.resolve();
  }
}

function* connectedBefore(index: RecordIndex, rulings: Rulings, name: RecordName): Iterable<RecordName> {
  const row = index.row(name);
  if (row === undefined) return;
  for (const { row: other } of index.edgesOf(row)) yield index.record(other).name;
  for (const { pair } of rulings.of(name)) yield* pair;
}

function progressOf({ model, adopting }: Known, matched: string, submission: string): Progress {
  const at = model === undefined ? undefined : formatPosition(SYSTEM_CHAIN, model);
  if (at !== undefined && adopting && adopting.remaining.length > 0) {
    return { matched, adopting: { model: at, after: adopting.after }, submission };
  }
  return { matched, ...(at === undefined ? {} : { model: at }), submission };
}

function seqOf(position: string | undefined): number | undefined {
  return position === undefined ? undefined : parsePosition(position)?.seq;
}
