import { type DuckDBConnection } from '@duckdb/node-api';
import { rowsOf } from '../store/duck-file.js';
import { type LibraryChange } from './system-entries.js';

/** Keeps the current version of a SQL Library, in the connection's transaction. */
export async function keepLibrary(
  connection: DuckDBConnection,
  { id, version, resource }: LibraryChange,
): Promise<void> {
  await connection.run('delete from population.library where id = $1', [id]);
  if (resource === undefined) return;
  await connection.run('insert into population.library values ($1, $2, $3)', [id, version, resource]);
}

/** The current SQL Libraries, by id. */
export async function readLibraries(connection: DuckDBConnection): Promise<Map<string, Record<string, unknown>>> {
  const rows = await rowsOf<{ id: string; resource: string }>(
    connection,
    'select id, resource from population.library',
  );
  return new Map(rows.map(({ id, resource }) => [id, JSON.parse(resource) as Record<string, unknown>]));
}
