import { type Ledger, type StoredEntry } from '@chartledger/ledger';
import { type PopulationStore } from '../store/population-store.js';
import { type Lane } from './lane.js';
import { movePosition } from './lanes.js';
import { typeOf } from './record-entry.js';
import { type MadeRows } from './row-maker.js';
import { type RowSource } from './row-source.js';

/** Entries of one transaction: large enough that a commit (one fsync) does not count. */
const BATCH_ENTRIES = 4_096;
/** Batches that are read and made into rows while one is written: enough that nobody waits for the next. */
const BATCHES_AHEAD = 3;

interface Batch {
  to: number;
  made: Promise<MadeRows>;
}

/** Fills a lane from where it stands: batches are read and made into rows while the one before is committed. */
export class LaneFill {
  private readonly ahead = new Map<number, Batch[]>();
  private writing: Promise<unknown> = Promise.resolve();

  constructor(
    readonly lane: Lane,
    private readonly parts: { ledger: Ledger; store: PopulationStore; rows: RowSource },
  ) {}

  /** Applies the next batch of a chain; that it is durable is known after `written`. `target`: the last seq to read. */
  async step(chain: number, target: number): Promise<void> {
    const { lane } = this;
    const batches = this.askAhead(chain, target);
    const { to, made } = batches.shift()!;
    const write = lane.take(chain, await made);
    await this.writing;
    this.writing = this.parts.store.write(async (connection) => {
      await write(connection);
      await movePosition(connection, lane.number, chain, to);
    });
    // It is waited for before the next; until then its failure must not end the process.
    this.writing.catch(() => undefined);
    lane.positions.set(chain, to);
  }

  /** Resolves when all steps are durable. @throws Error where one failed. */
  async written(): Promise<void> {
    await this.writing;
  }

  private askAhead(chain: number, target: number): Batch[] {
    const batches = this.ahead.get(chain) ?? [];
    this.ahead.set(chain, batches);
    while (batches.length <= BATCHES_AHEAD) {
      const from = (batches.at(-1)?.to ?? this.lane.position(chain)) + 1;
      if (from > target) break;
      const to = Math.min(from + BATCH_ENTRIES - 1, target);
      const made = this.make(chain, from, to);
      made.catch(() => undefined);
      batches.push({ to, made });
    }
    return batches;
  }

  private async make(chain: number, from: number, to: number): Promise<MadeRows> {
    const stored: StoredEntry[] = [];
    for await (const batch of this.parts.ledger.read(chain, from, to + 1)) stored.push(...batch);
    if (stored.at(-1)?.seq !== to) throw new Error(`the ledger did not give chain ${chain} up to ${to}`);
    const wanted = stored.filter(({ envelope }) => this.lane.reads(typeOf(envelope)));
    return this.parts.rows.make(this.lane.made, wanted);
  }
}
