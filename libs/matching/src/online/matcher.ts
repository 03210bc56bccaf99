import { setTimeout as delay } from 'node:timers/promises';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { UnavailableError, type Logger } from '@chartledger/platform';
import { type ProjectedEntry } from '@chartledger/projection';
import { type PersonFields } from '../engine/person-fields.js';
import { type DecisionLock } from './decision-lock.js';
import { decideOnce, MATCHER, type DecisionContext } from './decision-turn.js';
import { followModel } from './follow-model.js';
import { loadKnown, standingNow, type Known } from './known-state.js';
import { MatchedWaiters } from './matched-waiters.js';
import { type ModelPreparation } from './model-switch.js';
import { type PatientFollower } from './patient-follower.js';
import { PatientTap } from './patient-tap.js';
import { type RecordIndex } from './record-index.js';
import { SystemWatch } from './system-watch.js';
import { WakeUp } from './wake-up.js';

/** Patient versions of one transaction when the matcher is behind: a second of work, and some megabytes of entries. */
const MAX_BATCH = 2_000;
/** How often it looks where nobody wakes it: for what another process appended. */
const LOOK_MS = 25;
/** Where it is woken it looks all the same, for what it was not told of. */
const LOOK_AGAIN_MS = 1_000;
const RETRY_MS = 300;
/** Rows of versions that are no more, over so many the index is made anew when they are the greater part. */
const MAX_GARBAGE = 200_000;
export const INDEX_LOADS = 'the index of persons is being loaded: ask again in a moment';

export interface MatcherContext extends DecisionContext {
  lock: DecisionLock;
  logger: Logger;
}

/**
 * Follows the Patients of all sources and keeps who is whom, on the ledger. One runs at a time (`ShareKeeper`, or the
 * process that owns the system's chain); two would be slow and never wrong, since every decision moves on the fence.
 */
export class Matcher {
  private readonly taps = new Map<number, PatientTap>();
  private readonly system = new SystemWatch();
  private readonly wakeUp = new WakeUp();
  private readonly waiters = new MatchedWaiters();
  private known: Known | undefined;
  private running: Promise<void> | undefined;
  private stopping = false;
  private failure: Error | undefined;

  constructor(private readonly context: MatcherContext) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeUp.call();
    await this.running;
    await this.known?.preparing?.stop();
    this.waiters.reject(new UnavailableError('the server is stopping: ask again'));
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
      this.system.tell(entries);
      if (entries.some(({ envelope }) => envelope.actor !== MATCHER.client)) this.wakeUp.call();
      return;
    }
    let tap = this.taps.get(chain);
    if (!tap) this.taps.set(chain, (tap = new PatientTap(chain, entries[0].seq - 1, () => this.wakeUp.call())));
    tap.publish(entries);
  }

  /** Resolves when every Patient change of the chain up to `seq` is decided on, durably. */
  async reached(chain: number, seq: number): Promise<void> {
    if ((this.matched(chain) ?? -1) >= seq) return;
    const reached = this.waiters.until(chain, seq);
    this.wakeUp.call();
    await reached;
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

  private async run(): Promise<void> {
    let isTold = false;
    while (!this.stopping) {
      try {
        const known = (this.known ??= await loadKnown(this.context, this.mayGoOn));
        const isIdle = await this.step(known, isTold);
        this.failure = undefined;
        const { garbage, size } = known.patients.index;
        if (garbage > MAX_GARBAGE && garbage > size) {
          await known.preparing?.stop();
          this.known = undefined;
        } else isTold = !isIdle || (await this.wakeUp.sleep(this.longestSleepMs));
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

  private readonly mayGoOn = (): void => {
    if (this.stopping) throw new UnavailableError('the server is stopping');
  };

  /** For as long as it may have missed something. */
  private get longestSleepMs(): number {
    const { chains } = this.context;
    return chains.length > 0 && chains.every((chain) => this.taps.has(chain)) ? LOOK_AGAIN_MS : LOOK_MS;
  }

  /** Takes in what changed and decides on it. True: there was nothing. @param isTold false: what it was not told of counts. */
  private async step(known: Known, isTold: boolean): Promise<boolean> {
    const { patients, changed, first } = known;
    const advanced = await patients.advance(MAX_BATCH, this.taps, (name, version) => {
      changed.add(name);
      if (version && !first.has(name)) first.set(name, version);
    });
    const isIdle = !advanced && changed.size === 0 && !(await this.othersDecided(known, isTold));
    if (!isIdle) await this.context.lock.run(() => decideOnce(this.context, known));
    await followModel(this.context, known, this.mayGoOn, () => this.wakeUp.call());
    if (known.changed.size === 0) {
      known.decided = new Map(known.patients.positions);
      this.waiters.release(known.decided);
    }
    return isIdle;
  }

  /** Whether a steward has decided, or a model was adopted, since the state that is known. */
  private async othersDecided(known: Known, isTold: boolean): Promise<boolean> {
    if (known.adopting?.groups) return true;
    if (isTold && this.system.isLast(known.fence)) return false;
    const standing = await standingNow(this.context);
    return (standing.fence?.seq ?? -1) !== known.fence || standing.model !== known.adopted;
  }
}
