import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Pool } from 'pg';
import { formatPosition, parsePosition, parsePositions, SYSTEM_CHAIN } from '@chartledger/ledger';
import { FhirError, UnavailableError, type Logger } from '@chartledger/platform';
import { type ProjectedEntry } from '@chartledger/projection';
import { systemSubmission, type Outcome, type Submission, type SystemChange } from '@chartledger/sequence';
import { DEFAULT_MODEL } from '../engine/default-model.js';
import { type Model } from '../engine/model.js';
import { type PersonFields } from '../engine/person-fields.js';
import { type Progress, type RecordName } from '../persons/person-entries.js';
import { PERSONS } from '../persons/persons.projection.js';
import { personsWith, readStanding, rulingsAt, type Standing } from '../persons/standing-persons.js';
import { closureOf } from './closure.js';
import { basisOf, fenceEntry } from './decision-entries.js';
import { type DecisionIds } from './decision-ids.js';
import { type DecisionLock } from './decision-lock.js';
import { decideUnit, unitsOf } from './model-decision.js';
import { ModelPreparation, type ModelSwitch } from './model-switch.js';
import { neighbourhoods } from './neighbourhood.js';
import { PatientFollower, pauses, type FollowerContext } from './patient-follower.js';
import { PatientTap } from './patient-tap.js';
import { type RecordIndex } from './record-index.js';
import { Rulings } from './rulings.js';
import { unitEntries } from './unit-entries.js';

/** Patient versions of one transaction when the matcher is behind: a second of work, and a megabyte of entries. */
const MAX_BATCH = 500;
/** How often it looks where nobody wakes it: for what another process appended. */
const LOOK_MS = 25;
/** Where it is woken it looks all the same, for what it was not told of. */
const LOOK_AGAIN_MS = 1_000;
const RETRY_MS = 300;
/** Rows of versions that are no more, over so many the index is made anew when they are the greater part. */
const MAX_GARBAGE = 200_000;
const MATCHER = { client: 'matcher' };
/** Beside the thread that decides and answers; on it where there is nothing to speak of. */
const THREADED_FROM = 100;
const threadsBeside = (records: number): number =>
  records < THREADED_FROM ? 0 : Math.max(1, availableParallelism() - 1);
export const INDEX_LOADS = 'the index of persons is being loaded: ask again in a moment';

export interface MatcherContext extends FollowerContext {
  pool: Pool;
  /** The model that an entry of the system's chain holds. */
  modelAt: (seq: number) => Promise<Model>;
  ids: DecisionIds;
  lock: DecisionLock;
  submit: (submission: Submission) => Promise<Outcome>;
  logger: Logger;
  /** Records that are decided on at once when it is behind; MAX_BATCH unless said otherwise. */
  maxBatch?: number;
}

type Adopting = NonNullable<Progress['adopting']>;

/** What it knows, all of one state. */
interface Known {
  patients: PatientFollower;
  /** Position of the model's entry; undefined for the one that ships. */
  model: number | undefined;
  /** The one that was adopted last. Where it is another, it is got ready. */
  adopted: number | undefined;
  preparing: ModelPreparation | undefined;
  rulings: Rulings;
  /** Seq of the fence that the rulings were read at. */
  fence: number;
  /** The state that its last decision has left; undefined: it must be read. */
  decision: Pick<Standing, 'fence' | 'model'> | undefined;
  /** Up to here every change is decided on. */
  decided: ReadonlyMap<number, number>;
  /** Records whose persons must be decided on anew. */
  changed: Set<RecordName>;
  /** While records are matched anew under a model: the groups that remain (undefined until that is known). */
  adopting: (Omit<Adopting, 'model'> & { groups: RecordName[][] | undefined }) | undefined;
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
    await this.known?.preparing?.stop();
    for (const { reject } of this.waiters.splice(0)) reject(new UnavailableError('the server is stopping: ask again'));
  }

  /** Why it does not follow now, if it does not. */
  get error(): Error | undefined {
    return this.stopping ? undefined : this.failure;
  }

  /** How far a model is that is got ready; undefined where none is. */
  get preparing(): Pick<ModelPreparation, 'model' | 'at' | 'startedMs'> | undefined {
    return this.known?.preparing;
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
    return this.patients.index.search(fields);
  }

  /** The index that decisions are made with. @throws UnavailableError while it loads. */
  get index(): RecordIndex {
    return this.patients.index;
  }

  /** The Patients that it knows. @throws UnavailableError while they are loaded. */
  get patients(): PatientFollower {
    if (!this.known) throw new UnavailableError(INDEX_LOADS);
    return this.known.patients;
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
        const { garbage, size } = known.patients.index;
        if (garbage > MAX_GARBAGE && garbage > size) {
          await known.preparing?.stop();
          this.known = undefined;
        } else if (isIdle) await this.sleep();
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
    const { patients, changed } = known;
    const advanced = await patients.advance(MAX_BATCH, this.taps, (name) => changed.add(name));
    const isIdle = !advanced && changed.size === 0 && !(await this.othersDecided(known));
    if (!isIdle) await this.context.lock.run(() => this.decide(known));
    await this.followModel(known);
    if (known.changed.size === 0) {
      known.decided = new Map(known.patients.positions);
      this.releaseWaiters(known);
    }
    return isIdle;
  }

  /** Whether a steward has decided, or a model was adopted, since the state that is known. */
  private async othersDecided(known: Known): Promise<boolean> {
    if (known.adopting?.groups) return true;
    const standing = await this.standing();
    return (standing.fence?.seq ?? -1) !== known.fence || standing.model !== known.adopted;
  }

  /**
   * The state after a decision of its own, as if nobody else had decided since: if somebody has, what is decided on it is
   * refused by the fence.
   */
  private async standingAfter(decision: Known['decision']): Promise<Standing> {
    if (!decision) return this.standing();
    const { schema, applied } = await this.context.views.upToDate(PERSONS, SYSTEM_CHAIN);
    return { ...decision, schema, position: applied };
  }

  private async standing(): Promise<Standing> {
    const { schema, applied } = await this.context.views.upToDate(PERSONS, SYSTEM_CHAIN);
    return readStanding(this.context.pool, schema, applied);
  }

  /** One decision: a transaction of the system's source, on the state that it was made on, or nothing of it. */
  private async decide(known: Known): Promise<void> {
    const { pool, ids, submit } = this.context;
    const standing = await this.standingAfter(known.decision);
    known.decision = undefined;
    known.adopted = standing.model;
    await this.takeInDecisions(known, standing);
    if (known.changed.size === 0 && !known.adopting?.groups) return;
    const { index, positions } = known.patients;
    const closure = await closureOf(pool, standing, index, known.rulings, known.changed);
    const basis = basisOf(standing, positions);
    const submission = ids.submission(standing.fence?.version ?? 0, basis, index.model.version);
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
    known.decision = {
      fence: { version: (standing.fence?.version ?? 0) + 1, seq: outcome.seq, progress },
      model: standing.model,
    };
    known.preparing?.touch(known.changed);
    known.preparing?.touch(closure.names);
    for (const { members } of closure.persons) known.preparing?.touch(members.keys());
    known.changed.clear();
    if (known.adopting?.groups?.length === 0) known.adopting = undefined;
  }

  private async changesOf(
    known: Known,
    { names, persons, reviews }: Awaited<ReturnType<typeof closureOf>>,
    basis: string,
    submission: string,
  ): Promise<SystemChange[]> {
    const { model, patients } = known;
    const { index } = patients;
    const units = unitsOf(neighbourhoods(index, known.rulings, names), persons, reviews);
    const modelAt = model === undefined ? undefined : formatPosition(SYSTEM_CHAIN, model);
    const newId = (first: RecordName): string =>
      this.context.ids.person(submission, first, index.record(index.row(first)!).time);
    const changes: SystemChange[] = [];
    const pause = pauses();
    for (const unit of units) {
      changes.push(...unitEntries(decideUnit(index, unit, modelAt, newId), basis, changes.length, this.context.ids));
      await pause();
    }
    return changes;
  }

  /** What stewards have ruled since; and of a model that is being adopted, the next records. */
  private async takeInDecisions(known: Known, standing: Standing): Promise<void> {
    const fence = standing.fence?.seq ?? -1;
    if (fence !== known.fence) {
      const rulings = new Rulings(await rulingsAt(this.context.pool, standing.schema, standing.position));
      for (const name of known.rulings.difference(rulings)) known.changed.add(name);
      known.rulings = rulings;
      known.fence = fence;
    }
    const { adopting } = known;
    const { maxBatch = MAX_BATCH } = this.context;
    for (let taken = 0; adopting?.groups?.length && taken < maxBatch;) {
      const group = adopting.groups.shift()!;
      for (const name of group) known.changed.add(name);
      taken += group.length;
      adopting.done += group.length;
    }
  }

  /** Gets the model ready that was adopted last, and goes over to it when it is. */
  private async followModel(known: Known): Promise<void> {
    const { preparing } = known;
    const isPlanned = known.adopting === undefined || known.adopting.groups !== undefined;
    if (preparing === undefined && known.adopted === known.model && isPlanned) return;
    if (preparing === undefined || preparing.model !== known.adopted) {
      await preparing?.stop();
      known.preparing = this.prepare(known);
    } else if (preparing.error) {
      known.preparing = undefined;
      throw preparing.error;
    } else if (preparing.ready) {
      await this.goOver(known, preparing, preparing.ready);
    }
  }

  private prepare(known: Known): ModelPreparation {
    const { adopted, patients, rulings } = known;
    const positions = new Map(patients.positions);
    return new ModelPreparation(adopted, {
      pool: this.context.pool,
      load: async (onLoaded) => (adopted === known.model ? patients : this.loadPatients(adopted, positions, onLoaded)),
      records: patients.index.size,
      standing: () => this.standing(),
      rulings,
      threads: threadsBeside,
      onSettled: () => this.wakeUp(),
    });
  }

  /** From now on everything is decided under the other model, also what came while it was got ready. */
  private async goOver(known: Known, { model, touched }: ModelPreparation, ready: ModelSwitch): Promise<void> {
    const { patients, groups } = ready;
    const again = new Set(touched);
    while (isBehind(patients.positions, known.patients.positions)) {
      const names = new Set<RecordName>();
      await patients.advance(MAX_BATCH, new Map(), (name) => names.add(name));
      for (const name of names) again.add(name);
      // Of what came later nobody has decided yet.
      if (isBehind(known.patients.positions, patients.positions)) for (const name of names) known.changed.add(name);
    }
    const all = [...groups, ...[...again].map((name) => [name])];
    const count = all.reduce((sum, group) => sum + group.length, 0);
    const isGoingOn = known.adopting !== undefined && known.adopting.groups === undefined;
    const { done, since } = isGoingOn ? known.adopting! : { done: 0, since: new Date().toISOString() };
    known.adopting = { groups: all, done, total: done + count, since };
    known.patients = patients;
    for (const name of await this.stillHeld(patients.shredded, await this.standing())) known.changed.add(name);
    known.model = model;
    known.preparing = undefined;
    this.wakeUp();
  }

  private async load(): Promise<Known> {
    const standing = await this.standing();
    const progress = standing.fence?.progress;
    const matched = parsePositions(progress?.matched ?? '') ?? new Map<number, number>();
    const adopting = progress?.adopting;
    const model = seqOf(adopting?.model ?? progress?.model);
    const positions = new Map(this.context.chains.map((chain) => [chain, matched.get(chain) ?? -1]));
    const patients = await this.loadPatients(model, positions);
    const rulings = await rulingsAt(this.context.pool, standing.schema, matched.get(SYSTEM_CHAIN) ?? -1);
    return {
      patients,
      model,
      adopted: model,
      preparing: undefined,
      rulings: new Rulings(rulings),
      // Not that of now: what others decided since is taken in by the first decision.
      fence: -2,
      decision: undefined,
      decided: new Map(),
      changed: await this.stillHeld(patients.shredded, standing),
      // What remains is found out again: it is what does not stand yet.
      adopting: adopting && { ...adopting, groups: undefined },
    };
  }

  private async loadPatients(
    model: number | undefined,
    positions: ReadonlyMap<number, number>,
    onLoaded: (records: number) => void = () => undefined,
  ): Promise<PatientFollower> {
    const data = model === undefined ? DEFAULT_MODEL : await this.context.modelAt(model);
    return PatientFollower.load(this.context, data, positions, (loaded) => {
      if (this.stopping) throw new UnavailableError('the server is stopping');
      onLoaded(loaded);
    });
  }

  /** Of records whose data key was destroyed those that are still somebody's. */
  private async stillHeld(shredded: ReadonlySet<RecordName>, standing: Standing): Promise<Set<RecordName>> {
    const persons = await personsWith(this.context.pool, standing, [...shredded]);
    return new Set(persons.flatMap(({ members }) => [...members.keys()].filter((name) => shredded.has(name))));
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

function progressOf({ model, adopting }: Known, matched: string, submission: string): Progress {
  const at = model === undefined ? undefined : formatPosition(SYSTEM_CHAIN, model);
  if (at !== undefined && adopting && adopting.groups?.length !== 0) {
    const { done, total, since } = adopting;
    return { matched, adopting: { model: at, done, total, since }, submission };
  }
  return { matched, ...(at === undefined ? {} : { model: at }), submission };
}

function isBehind(one: ReadonlyMap<number, number>, other: ReadonlyMap<number, number>): boolean {
  return [...other].some(([chain, position]) => (one.get(chain) ?? -1) < position);
}

function seqOf(position: string | undefined): number | undefined {
  return position === undefined ? undefined : parsePosition(position)?.seq;
}
