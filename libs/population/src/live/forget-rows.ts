import { LIST, listValue, UBIGINT, VARCHAR, type DuckDBConnection } from '@duckdb/node-api';
import { rowsOf } from '../store/duck-file.js';
import { keyNumber, recordKey } from '../store/record-index.js';
import { tableName } from '../store/view-table.js';
import { readViews } from './registered-view.js';

/** The pseudonym of a record, in hex. */
export type PseudonymOf = (source: string, type: string, id: string) => string;

/**
 * Removes the rows of records whose key was destroyed, of every version and of every view, whether it is read or being
 * filled, and who those patients were. In the connection's transaction.
 * @param owners the pseudonyms of the patients, or of the records without one, whose keys they were.
 * @returns how many rows of views there were.
 */
export async function forgetRows(
  connection: DuckDBConnection,
  owners: ReadonlySet<string>,
  pseudonymOf: PseudonymOf,
): Promise<number> {
  const views = (await readViews(connection)).filter(({ problem }) => problem === null);
  const tables = views.map(({ no }) => `kept.${tableName(no)}`);
  const keys = listValue([...owners].map(keyOf));
  const patients = listValue(await patientsOf(connection, tables, owners, pseudonymOf));
  let removed = 0;
  for (const table of tables) {
    const result = await connection.run(
      `delete from ${table} where _key in (select unnest($1::ubigint[])) or _patient in (select unnest($2::varchar[]))`,
      [keys, patients],
      [LIST(UBIGINT), LIST(VARCHAR)],
    );
    removed += result.rowsChanged;
  }
  await connection.run('delete from population.failure where _key in (select unnest($1::ubigint[]))', [keys]);
  await connection.run(
    'delete from population.person where patient in (select unnest($1::varchar[]))',
    [patients],
    [LIST(VARCHAR)],
  );
  return removed;
}

/** A pseudonym says nothing of whose it is: that of everybody who is known is compared. A microsecond for each. */
async function patientsOf(
  connection: DuckDBConnection,
  tables: readonly string[],
  owners: ReadonlySet<string>,
  pseudonymOf: PseudonymOf,
): Promise<string[]> {
  const everywhere = [
    'select patient from population.person',
    ...tables.map((table) => `select _patient from ${table}`),
  ];
  const known = await rowsOf<{ patient: string | null }>(connection, everywhere.join(' union '));
  return known.flatMap(({ patient }) => {
    if (patient === null) return [];
    const [source, type, id] = patient.split('/');
    return owners.has(pseudonymOf(source, type, id)) ? [patient] : [];
  });
}

/** The number of the last destroyed key whose rows were removed; 0 for none. */
export async function readForgotten(connection: DuckDBConnection): Promise<number> {
  const [{ number }] = await rowsOf<{ number: bigint }>(connection, 'select number from population.forgotten');
  return Number(number);
}

function keyOf(pseudonym: string): bigint {
  const { high, low } = recordKey(pseudonym);
  return keyNumber(high, low);
}
