import { type PoolClient } from 'pg';
import {
  activeGeneration,
  createGeneration,
  dropOtherGenerations,
  readPosition,
  schemaOf,
  SWAP_CHANNEL,
} from './generations.js';
import { type RunnerContext } from './projection-runner.js';
import { type Projection } from './projection.port.js';

export interface RebuildProgress {
  chain: number;
  done: number;
  total: number;
}

/**
 * Builds a view anew from the oldest entry, beside the one that is read, and swaps it in when it has caught up. The
 * running view is held still only for the entries of the last moment. Returns the number of entries read.
 */
export async function rebuild(
  context: RunnerContext,
  projection: Projection,
  onProgress: (progress: RebuildProgress) => void,
): Promise<number> {
  const { pool, ledger } = context;
  const active = await activeGeneration(pool, projection);
  await dropOtherGenerations(pool, projection, active);
  const generation = active + 1;
  await createGeneration(pool, projection, generation);
  const client = await pool.connect();
  try {
    const chains = (await ledger.chains()).filter((chain) => projection.reads(chain));
    let entries = 0;
    for (const chain of chains) {
      const { seq } = await ledger.head(chain);
      entries += await replay(context, client, projection, generation, chain, seq, onProgress);
    }
    await client.query('begin');
    // The running view's next write waits here until the swap is done.
    await client.query('select from projection.position where name = $1 and generation = $2 for update', [
      projection.name,
      active,
    ]);
    for (const chain of chains) {
      const target = await readPosition(client, projection.name, active, chain);
      entries += await replay(context, client, projection, generation, chain, target, onProgress);
    }
    // A write that waits finds no position and takes up the new generation: none is lost on the one swapped out.
    await client.query('delete from projection.position where name = $1 and generation = $2', [
      projection.name,
      active,
    ]);
    await client.query('update projection.active set generation = $2 where name = $1', [projection.name, generation]);
    await client.query(`select pg_notify('${SWAP_CHANNEL}', $1)`, [projection.name]);
    await client.query('commit');
    return entries;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function replay(
  { ledger, opener }: RunnerContext,
  client: PoolClient,
  projection: Projection,
  generation: number,
  chain: number,
  to: number,
  onProgress: (progress: RebuildProgress) => void,
): Promise<number> {
  let position = await readPosition(client, projection.name, generation, chain);
  const start = position;
  for await (const stored of ledger.read(chain, position + 1, to + 1)) {
    const entries = await opener.project(stored);
    const last = entries[entries.length - 1].seq;
    const step = {
      schema: schemaOf(projection.name, generation),
      name: projection.name,
      generation,
      chain,
      from: position,
      to: last,
    };
    if (!(await projection.apply(client, step, entries)))
      throw new Error('another process rebuilds this view: let it end first');
    position = last;
    onProgress({ chain, done: position + 1, total: to + 1 });
  }
  return position - start;
}
