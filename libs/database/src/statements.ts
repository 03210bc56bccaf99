import { type Pool, type PoolClient, type QueryResultRow } from 'pg';
import { type DataSource } from 'typeorm';

/** A value that `pg` sends without change: a Buffer goes in binary. */
export type Parameter = string | number | boolean | Buffer | null;

/**
 * A statement. With a name, which MUST be unique to its text, it is parsed once per connection and soon planned once too:
 * right for what is done the same way whatever the values. Without one it is planned for the values each time: right for
 * a search, since a general plan reads a whole GIN index for a LIMIT (40 ms where a plan for the values needs 1).
 */
export interface Statement {
  name?: string;
  text: string;
}

/** Runs a prepared statement. `pg` reads rows in text format only: cast `int8` to `float8` where it is selected, and read many `bytea` by `copyRows`. */
export async function run<Row extends QueryResultRow>(
  client: PoolClient | Pool,
  statement: Statement,
  values: Parameter[],
): Promise<Row[]> {
  const result = await client.query<Row>({ ...statement, values });
  return result.rows;
}

/** The pool of `pg` under a TypeORM data source, for set-based statements on the hot paths. */
export function poolOf(source: DataSource): Pool {
  return (source.driver as unknown as { master: Pool }).master;
}

/** Runs `work` on one connection, which goes back to the pool afterwards (and is thrown away after an error). */
export async function withClient<T>(source: DataSource, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await poolOf(source).connect();
  let failure: Error | undefined;
  try {
    return await work(client);
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    client.release(failure);
  }
}
