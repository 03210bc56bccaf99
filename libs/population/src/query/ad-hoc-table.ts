import { type DuckDBConnection } from '@duckdb/node-api';
import { quoted } from '../store/names.js';
import { ViewRows } from '../store/view-rows.js';
import { createViewTable, tableName, writeRows } from '../store/view-table.js';
import { type ViewSource } from '../live/view-source.js';
import { type AdHocRows } from './ad-hoc-rows.js';
import { relationColumns } from './snapshot.js';

/** No view that is kept has it. */
const NO = 0;

/** Makes a table with the columns that `viewRelation` gives, of the rows of a view that is not kept. */
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
    `create table ${quoted(label)} as select ${relationColumns(view).join(', ')} from kept.${tableName(NO)} v
     left join _person p on p.patient = v._patient`,
  );
  await connection.run('drop schema kept cascade');
}
