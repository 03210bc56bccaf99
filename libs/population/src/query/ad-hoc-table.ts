import { type DuckDBConnection } from '@duckdb/node-api';
import { quoted } from '../store/names.js';
import { createViewTable, tableName, ViewTable } from '../store/view-table.js';
import { type ViewSource } from '../live/view-source.js';
import { type AdHocRow } from './ad-hoc-rows.js';
import { relationColumns } from './snapshot.js';

/** No view that is kept has it. */
const NO = 0;

/** Makes a table with the columns that `viewRelation` gives, of the rows of a view that is not kept. */
export async function makeAdHocTable(
  connection: DuckDBConnection,
  label: string,
  view: ViewSource,
  rows: AsyncIterable<AdHocRow[]>,
): Promise<void> {
  await connection.run('create schema kept');
  await connection.run(createViewTable(NO, view.columns));
  const table = new ViewTable(NO, view.columns);
  for await (const batch of rows) {
    for (const { origin, row } of batch) table.add(origin, row);
    await table.write(connection, table.handOver());
  }
  await connection.run(
    `create table ${quoted(label)} as select ${relationColumns(view).join(', ')} from kept.${tableName(NO)} v
     left join _person p on p.patient = v._patient`,
  );
  await connection.run('drop schema kept cascade');
}
