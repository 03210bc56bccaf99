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
export const INDEX_LOADS = 'the index of persons is being loaded: ask again in a moment';

export interface MatcherContext extends FollowerContext {
  pool: Pool;
  /** The model that an entry of the system's chain holds. */
  modelAt: (seq: number) => Promise<Model>;
  ids: DecisionIds;
  lock: DecisionLock;
  submit: (submission: Submission) => Promise<Outcome>;
  logger: Logger;
}

/** What it knows, all of one state. */
interface Known {
  patients: PatientFollower;
  /** Position of the model's entry; undefined for the one that ships. */
  model: number | undefined;
  /** Another model was adopted: nothing is decided under this one any more. */
  isModelOld: boolean;
  rulings: Rulings;
  /** Seq of the fence that the rulings were read at. */
  fence: number;
  /** The state that its last decision has left; undefined: it must be read. */
  decision: Pick<Standing, 'fence' | 'model'> | undefined;
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
        if (garbage > MAX_GARBAGE && garbage > size) this.known = undefined;
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
    const { patients, changed } = known;
    const advanced = await patients.advance(MAX_BATCH, this.taps, (name) => changed.add(name));
    const isIdle = !advanced && changed.size === 0 && !(await this.othersDecided(known));
    if (!isIdle) await this.context.lock.run(() => this.decide(known));
    if (known.isModelOld) await this.adopt(known);
    if (known.changed.size === 0) {
      known.decided = new Map(known.patients.positions);
      this.releaseWaiters(known);
    }
    return isIdle;
  }

  /** Whether a steward has decided, or a model was adopted, since the state that is known. */
  private async othersDecided(known: Known): Promise<boolean> {
    if (known.adopting) return true;
    const standing = await this.standing();
    return (standing.fence?.seq ?? -1) !== known.fence || standing.model !== known.model;
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
    known.isModelOld = standing.model !== known.model;
    if (known.isModelOld) return;
    await this.takeInDecisions(known, standing);
    if (known.changed.size === 0 && !known.adopting) return;
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
    known.changed.clear();
    if (known.adopting?.remaining.length === 0) known.adopting = undefined;
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
    for (const name of adopting?.remaining.splice(0, MAX_BATCH) ?? []) {
      known.changed.add(name);
      adopting!.after = name;
    }
  }

  /** A new model: the same records, prepared and compared anew, all of them. */
  private async adopt(known: Known): Promise<void> {
    const standing = await this.standing();
    const { model } = standing;
    known.patients = await this.loadPatients(model, known.patients.positions);
    for (const name of await this.stillHeld(known.patients.shredded, standing)) known.changed.add(name);
    known.model = model;
    known.isModelOld = false;
    known.adopting = { remaining: [...known.patients.index.names()].sort(), after: '' };
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
      isModelOld: false,
      rulings: new Rulings(rulings),
      // Not that of now: what others decided since is taken in by the first decision.
      fence: -2,
      decision: undefined,
      decided: new Map(),
      changed: await this.stillHeld(patients.shredded, standing),
      adopting: adopting && {
        remaining: [...patients.index.names()].filter((name) => name > adopting.after).sort(),
        after: adopting.after,
      },
    };
  }

  private async loadPatients(
    model: number | undefined,
    positions: ReadonlyMap<number, number>,
  ): Promise<PatientFollower> {
    const data = model === undefined ? DEFAULT_MODEL : await this.context.modelAt(model);
    return PatientFollower.load(this.context, data, positions, () => {
      if (this.stopping) throw new UnavailableError('the server is stopping');
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
  if (at !== undefined && adopting && adopting.remaining.length > 0) {
    return { matched, adopting: { model: at, after: adopting.after }, submission };
  }
  return { matched, ...(at === undefined ? {} : { model: at }), submission };
}

function seqOf(position: string | undefined): number | undefined {
  return position === undefined ? undefined : parsePosition(position)?.seq;
}
