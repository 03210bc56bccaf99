import { type Pool, type PoolClient } from 'pg';
import { type Projection } from './projection.port.js';

/** Tells the processes that read a view that another generation of it is active now; the payload is the view's name. */
export const SWAP_CHANNEL = 'chartledger_projections';

/** The schema of a generation's tables. */
export function schemaOf(name: string, generation: number): string {
  return `${name}_${generation}`;
}

/** The generation that is read, made empty when there is none yet: by one process, whoever else starts at the same time. */
export async function activeGeneration(pool: Pool, projection: Projection): Promise<number> {
  const { name } = projection;
  const found = await generationOf(pool, name);
  if (found !== undefined) return found;
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(hashtext('chartledger view ' || $1))`, [name]);
    const made = await generationOf(client, name);
    if (made === undefined) {
      await createGeneration(client, projection, 1);
      await client.query('insert into projection.active (name, generation) values ($1, 1)', [name]);
    }
    await client.query('commit');
    return made ?? 1;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function generationOf(client: Pool | PoolClient, name: string): Promise<number | undefined> {
  const { rows } = await client.query<{ generation: number }>(
    'select generation from projection.active where name = $1',
    [name],
  );
  return rows[0]?.generation;
}

/** Makes the empty tables of a generation. */
export async function createGeneration(
  client: Pool | PoolClient,
  projection: Projection,
  generation: number,
): Promise<void> {
  const schema = schemaOf(projection.name, generation);
  await client.query(`create schema ${schema}`);
  await client.query(projection.createTables(schema));
}

/**
 * Removes the generations that nobody reads: left by a rebuild that was cut short, or long replaced. The one before the
 * active one stays: a server may not have been told of the last swap yet.
 */
export async function dropOtherGenerations(pool: Pool, { name }: Projection, active: number): Promise<void> {
  const { rows } = await pool.query<{ schema: string }>(
    `select nspname as schema from pg_namespace where nspname ~ ('^' || $1 || '_[0-9]+$') and not nspname = any ($2)`,
    [name, [schemaOf(name, active), schemaOf(name, active - 1)]],
  );
  for (const { schema } of rows) await pool.query(`drop schema ${schema} cascade`);
  await pool.query('delete from projection.position where name = $1 and generation <> $2', [name, active]);
}

/** The position of a generation on a chain: the seq of the last entry in its rows, -1 for none. */
export async function readPosition(
  client: Pool | PoolClient,
  name: string,
  generation: number,
  chain: number,
): Promise<number> {
  const { rows } = await client.query<{ seq: string }>(
    `insert into projection.position (name, generation, chain, seq) values ($1, $2, $3, -1)
     on conflict (name, generation, chain) do update set seq = position.seq returning seq`,
    [name, generation, chain],
  );
  return Number(rows[0].seq);
}
