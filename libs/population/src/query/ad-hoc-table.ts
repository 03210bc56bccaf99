import { listValue, type DuckDBConnection } from '@duckdb/node-api';
import { quoted } from '../store/names.js';
import { ViewRows } from '../store/view-rows.js';
import { createViewTable, tableName, writeRows } from '../store/view-table.js';
import { type ViewSource } from '../live/view-source.js';
import { type AdHocRows } from './ad-hoc-rows.js';
import { type Positions } from '@chartledger/ledger';
import { rowsOf } from '../store/duck-file.js';
import { type PopulationStore } from '../store/population-store.js';
import { OWN_PERSON, personLinks, relationColumns } from './snapshot.js';

/** No view that is kept has it. */
const NO = 0;

/** Makes a table with the columns that `identifiedRelation` gives, of the rows of a view that is not kept; `_person` says who is whom. */
export async function makeAdHocTable(
  connection: DuckDBConnection,
  label: string,
  view: ViewSource,
  rows: AsyncIterable<AdHocRows>,
): Promise<void> {
  await connection.run('create schema kept');
  await connection.run(createViewTable(NO, view.columns));
  for await (const batch of rows) {
    const made = new ViewRows(view.columns);
    for (const { origin, row } of batch.rows) made.add(origin, row);
    await writeRows(connection, NO, view.columns, batch.chain, made.packed());
  }
  await connection.run(
    `create table ${quoted(label)} as select ${[...relationColumns(view), OWN_PERSON].join(', ')} from kept.${tableName(NO)} v
     left join _person p on p.patient = v._patient`,
  );
  await connection.run('drop schema kept cascade');
}

/** Which Person a patient is linked to. */
export interface PersonOf {
  patient: string;
  person: string;
}

export function readPersons(store: PopulationStore, positions: Positions): Promise<PersonOf[]> {
  return store.read((connection) => rowsOf<PersonOf>(connection, personLinks(positions)));
}

/** Makes the table `_person`. */
export async function fillPersons(connection: DuckDBConnection, persons: readonly PersonOf[]): Promise<void> {
  await connection.run('create table _person (patient varchar, person varchar)');
  if (persons.length === 0) return;
  await connection.run('insert into _person select unnest($1::varchar[]), unnest($2::varchar[])', [
    listValue(persons.map(({ patient }) => patient)),
    listValue(persons.map(({ person }) => person)),
  ]);
}
