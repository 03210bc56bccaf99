import { setTimeout as delay } from 'node:timers/promises';
import { type Pool, type PoolClient } from 'pg';

/** The first number of the two-part advisory locks of publishers: 'chng' in ASCII. */
const LOCK_CLASS = 0x63686e67;
/** How long a chain stands still when the process that had it is gone. */
const RETRY_MS = 1_000;

/**
 * Does the work while this process holds the chain's lock, again each time it gets it, until `signal` is aborted. The lock
 * is a session lock of PostgreSQL, which falls with the connection: it saves the replicas from doing the same work, and
 * nothing rests on it.
 */
export async function whileLocked(
  pool: Pool,
  chain: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    const lock = await takeLock(pool, chain).catch(() => undefined);
    if (lock) {
      const lost = new AbortController();
      lock.on('error', () => lost.abort());
      await work(AbortSignal.any([signal, lost.signal])).finally(() => lock.release(true));
    } else {
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Undefined when another process has it. */
async function takeLock(pool: Pool, chain: number): Promise<PoolClient | undefined> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1, $2) as locked', [
      LOCK_CLASS,
      chain,
    ]);
    if (rows[0].locked) return client;
  } catch (error) {
    client.release(true);
    throw error;
  }
  client.release();
  return undefined;
}
