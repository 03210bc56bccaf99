import { type PoolClient } from 'pg';
import { run, type Parameter, type Statement } from '@chartledger/database';
import { type Step } from './projection.port.js';

/**
 * The first member of every statement that `applyStep` runs: moves the position. The others write only `where exists
 * (select from moved)`, and the statement returns the rows of `moved`. Its parameters are $1 to $5; those of the view
 * begin at $6.
 */
export const MOVE_POSITION = `moved as (
  update projection.position set seq = $5 where name = $1 and generation = $2 and chain = $3 and seq = $4 returning chain
)`;

/** Runs the one statement of a batch. False: the view does not stand at `step.from` any more, and nothing was written. */
export async function applyStep(
  client: PoolClient,
  { name, generation, chain, from, to }: Step,
  statement: Statement,
  parameters: readonly Parameter[],
): Promise<boolean> {
  const moved = await run(client, statement, [name, generation, chain, from, to, ...parameters]);
  return moved.length > 0;
}
