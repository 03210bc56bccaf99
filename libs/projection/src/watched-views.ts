import { setTimeout as delay } from 'node:timers/promises';
import { type Pool } from 'pg';
import { type Ledger } from '@chartledger/ledger';
import { UnavailableError } from '@chartledger/platform';
import { activeGeneration, schemaOf } from './generations.js';
import { type Projection } from './projection.port.js';
import { viewAmong, type View, type Views } from './view.js';

/** How often a read that waits for a view looks how far it is: a fraction of the time that a view gathers entries. */
const LOOK_MS = 4;
/** Longer than a projector's place is taken over by another one. */
const PATIENCE_MS = 15_000;

const STANDING = `select a.generation, coalesce(p.seq, -1)::float8 as seq
  from projection.active a
  left join projection.position p on p.name = a.name and p.generation = a.generation and p.chain = $2
  where a.name = $1`;

/** The views that other processes keep, for reading. Nothing is followed: each answer looks where the view stands. */
export class WatchedViews implements Views {
  private readonly views: WatchedView[];

  constructor(
    private readonly pool: Pool,
    readonly ledger: Ledger,
    private readonly projections: readonly Projection[],
    chains: readonly number[],
  ) {
    this.views = projections.flatMap((projection) =>
      chains
        .filter((chain) => projection.reads(chain))
        .map((chain) => new WatchedView(pool, ledger, projection.name, chain)),
    );
  }

  /** Makes the first generation of a view that nobody has kept yet, so that it can be read. */
  async start(): Promise<void> {
    for (const projection of this.projections) await activeGeneration(this.pool, projection);
    for (const view of this.views) await view.look();
  }

  view(name: string, chain: number): View {
    return viewAmong(this.views, name, chain);
  }

  async upToDate(name: string, chain: number): Promise<View> {
    const view = viewAmong(this.views, name, chain);
    await view.caughtUp();
    return view;
  }

  all(): readonly View[] {
    return this.views;
  }
}

class WatchedView implements View {
  readonly error = undefined;
  private generation = 0;
  private known = -1;
  private head = -1;

  constructor(
    private readonly pool: Pool,
    private readonly ledger: Ledger,
    readonly name: string,
    readonly chain: number,
  ) {}

  get schema(): string {
    return schemaOf(this.name, this.generation);
  }

  get applied(): number {
    return this.known;
  }

  get lag(): number {
    return Math.max(0, this.head - this.known);
  }

  /** What was acknowledged is in the ledger: its head is asked for, then the view is waited for. */
  async caughtUp(): Promise<void> {
    const { seq } = await this.ledger.head(this.chain);
    this.head = Math.max(this.head, seq);
    await this.reached(seq);
  }

  async reached(seq: number): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (await this.look(); this.known < seq; await this.look()) {
      if (performance.now() > deadline) {
        throw new UnavailableError(
          `the view ${this.name} of chain ${this.chain} stands at ${this.known} and does not come to ${seq}: see whether a projector (for records: a sequencer) runs, then ask again`,
        );
      }
      await delay(LOOK_MS);
    }
  }

  async look(): Promise<void> {
    const { rows } = await this.pool.query<{ generation: number; seq: number }>({
      name: 'projection.standing',
      text: STANDING,
      values: [this.name, this.chain],
    });
    this.generation = rows[0].generation;
    this.known = rows[0].seq;
  }
}
