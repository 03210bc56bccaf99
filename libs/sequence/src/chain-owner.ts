import { type Pool, type PoolClient } from 'pg';
import { ConfigurationError } from '@chartledger/platform';

/** The first number of the two-part advisory locks of this program: 'char' in ASCII. */
const LOCK_CLASS = 0x63686172;

/** The advisory lock that stands for the right to sequence a chain. */
export function chainLock(chain: number): readonly [number, number] {
  return [LOCK_CLASS, chain];
}

/**
 * Makes this process the one that sequences a chain, by a session lock of PostgreSQL that falls with the connection. It
 * keeps two writers from slowing each other; correctness rests on compare-and-append alone.
 * @throws ConfigurationError when another process has the chain.
 */
export async function ownChain(pool: Pool, chain: number): Promise<{ release: () => Promise<void> }> {
  const client: PoolClient = await pool.connect();
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1, $2) as locked', [
    ...chainLock(chain),
  ]);
  if (!rows[0].locked) {
    client.release();
    throw new ConfigurationError(
      `another chartledger server writes chain ${chain} of this database: stop it first, or use another database`,
    );
  }
  // A lost connection loses the lock; the next append fails or loses the race, and says so.
  client.on('error', () => undefined);
  return {
    release: async () => {
      // The connection ends a moment later at the server than here: the lock is free when this resolves.
      await client.query('select pg_advisory_unlock_all()').catch(() => undefined);
      client.release(true);
    },
  };
}
