import { setTimeout as delay } from 'node:timers/promises';
import { type Pool } from 'pg';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { UnavailableError, type Logger } from '@chartledger/platform';
import { DEFAULT_MODEL } from '../engine/default-model.js';
import { type Model } from '../engine/model.js';
import { FEATURES } from '../features/features.projection.js';
import { PERSONS } from '../persons/persons.projection.js';
import { readStanding } from '../persons/standing-persons.js';
import { INDEX_LOADS } from './matcher.js';
import { PatientFollower, type FollowerContext } from './patient-follower.js';

/** How often it takes in what came, though nobody asks: so that the first who does need not wait for much. */
const FOLLOW_MS = 1_000;
const MAX_BATCH = 2_000;

export interface FollowedContext extends FollowerContext {
  pool: Pool;
  modelAt: (seq: number) => Promise<Model>;
  logger: Logger;
}

/** The Patients in memory for a process that answers and does not decide. Loads in the background. */
export class FollowedPatients {
  private followed: { model: number | undefined; patients: PatientFollower } | undefined;
  private busy: Promise<void> = Promise.resolve();
  private running: Promise<void> | undefined;
  private readonly stopping = new AbortController();

  constructor(private readonly context: FollowedContext) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** With everything that was acknowledged before the call. @throws UnavailableError while it loads. */
  async upToDate(): Promise<PatientFollower> {
    if (!this.followed) throw new UnavailableError(INDEX_LOADS);
    await this.follow();
    return this.followed.patients;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.follow();
      } catch (error) {
        if (signal.aborted) return;
        this.context.logger.error(
          { stage: 'query', error: (error as Error).message },
          'the index of patients cannot follow and tries again',
        );
      }
      await delay(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One at a time. */
  private follow(): Promise<void> {
    this.busy = this.busy.catch(() => undefined).then(() => this.followOnce());
    return this.busy;
  }

  private async followOnce(): Promise<void> {
    const { pool, views, modelAt } = this.context;
    const { schema, applied } = await views.upToDate(PERSONS, SYSTEM_CHAIN);
    const { model } = await readStanding(pool, schema, applied);
    if (!this.followed || this.followed.model !== model) {
      const data = model === undefined ? DEFAULT_MODEL : await modelAt(model);
      const patients = await PatientFollower.load(this.context, data, await this.heads(), () =>
        this.stopping.signal.throwIfAborted(),
      );
      this.followed = { model, patients };
    }
    while (await this.followed.patients.advance(MAX_BATCH));
  }

  private async heads(): Promise<Map<number, number>> {
    const heads = new Map<number, number>();
    for (const chain of this.context.chains) {
      heads.set(chain, (await this.context.views.upToDate(FEATURES, chain)).applied);
    }
    return heads;
  }
}
