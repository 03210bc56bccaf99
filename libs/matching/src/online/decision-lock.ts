import { type Pool } from 'pg';

/** 'pers' in ASCII. */
const LOCK: readonly [number, number] = [0x70657273, 0];
/** PostgreSQL ends the session, and with it the lock, of a process that is paused while it decides. */
const SILENCE_MS = 10_000;

/**
 * Lets those who decide on persons take turns, over all processes: first come, first served. It spares them from deciding
 * for nothing; that no two decide on the same state is held by the fence.
 */
export class DecisionLock {
  private last: Promise<unknown> = Promise.resolve();

  /** @param pool undefined where no other process decides: the one that owns the system's chain by itself. */
  constructor(private readonly pool?: Pool) {}

  /** Those of this process wait here, and not each on a connection of the pool. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(() => (this.pool ? this.locked(this.pool, work) : work()));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async locked<T>(pool: Pool, work: () => Promise<T>): Promise<T> {
    const client = await pool.connect();
    client.on('error', ignore);
    try {
      await client.query(
        `begin; set local idle_in_transaction_session_timeout = ${SILENCE_MS}; select pg_advisory_xact_lock(${LOCK[0]}, ${LOCK[1]})`,
      );
      return await work();
    } finally {
      const isBroken = await client.query('commit').then(
        () => false,
        () => true,
      );
      client.off('error', ignore);
      client.release(isBroken);
    }
  }
}

/** A connection that breaks is met when the lock is given back. */
function ignore(): void {
  return undefined;
}
