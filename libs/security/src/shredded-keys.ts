import { type Pool } from 'pg';
import { ChannelListener, run, type Statement } from '@chartledger/database';
import { type DataKeys } from './data-keys.js';
import { SHREDDED_CHANNEL } from './security.tables.js';

/** A data key that was destroyed. */
export interface ShreddedKey {
  /** In the order in which they were destroyed. */
  number: number;
  /** Its id. */
  key: string;
  /** The pseudonym, in hex, of the patient or the record whose records it opened. */
  owner: string;
}

/** Of one turn. */
const MAX_KEYS = 10_000;

const AFTER: Statement = {
  name: 'shredded.after',
  text: `select number::float8 as number, key::text as key, encode(owner, 'hex') as owner from security.shredded
    where number > $1 order by number limit ${MAX_KEYS}`,
};

/** Who keeps something that was made of records: it MUST be gone when their key is. */
export interface Forgets {
  /** The number up to which it has forgotten; 0 for none. */
  forgotten(): Promise<number>;
  /** Forgets what was made under the keys, and notes the last number. MUST stand being repeated. */
  forget(keys: readonly ShreddedKey[]): Promise<void>;
}

/** Tells what a process keeps of keys that are destroyed, by whatever process: now, and while it did not run. */
export class ShreddedKeys {
  private readonly listener: ChannelListener;
  private handled = 0;
  private working: Promise<void> = Promise.resolve();

  /** @param onError told what went wrong; the next notice or question tries again. */
  constructor(
    private readonly pool: Pool,
    private readonly keys: DataKeys,
    private readonly keeper: Forgets,
    onError: (error: Error) => void,
  ) {
    this.listener = new ChannelListener(pool, SHREDDED_CHANNEL, () => void this.caughtUp().catch(onError));
  }

  /** Resolves when all that was destroyed before is forgotten. */
  async start(): Promise<void> {
    this.handled = await this.keeper.forgotten();
    await this.listener.start();
    await this.caughtUp();
  }

  async stop(): Promise<void> {
    await this.listener.stop();
    await this.working.catch(() => undefined);
  }

  /** Resolves when everything that was destroyed before the call is forgotten. @throws Error of the keeper. */
  caughtUp(): Promise<void> {
    const turn = this.working.catch(() => undefined).then(() => this.catchUp());
    this.working = turn;
    turn.catch(() => undefined);
    return turn;
  }

  private async catchUp(): Promise<void> {
    for (;;) {
      const found = await run<ShreddedKey & Record<string, unknown>>(this.pool, AFTER, [this.handled]);
      if (found.length === 0) return;
      this.keys.forget(found.map(({ key }) => key));
      await this.keeper.forget(found);
      this.handled = found[found.length - 1].number;
    }
  }
}
