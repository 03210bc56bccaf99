import { activeGeneration, rebuild, schemaOf, type Projection } from '@chartledger/projection';
import { type TestStages } from '@chartledger/testing';

const CHAIN = 1;

/** The first difference between a view as it was kept through the faults and as it is built from the ledger alone. */
export async function viewFault(stages: TestStages): Promise<string | undefined> {
  for (const projection of stages.projections) {
    const fault = await differenceOf(stages, projection);
    if (fault) return `view ${projection.name}: ${fault}`;
  }
  return undefined;
}

async function differenceOf(stages: TestStages, projection: Projection): Promise<string | undefined> {
  const { seq } = await stages.ledger.head(CHAIN);
  const view = stages.views.view(projection.name, CHAIN);
  view.feed.announce(seq);
  await view.reached(seq);
  const kept = await rowsOf(stages, view.schema);
  await rebuild(stages, projection, () => undefined);
  const built = await rowsOf(stages, schemaOf(projection.name, await activeGeneration(stages.pool, projection)));
  if (kept.length === 0 && seq >= 0) return 'it has no rows';
  const at = kept.findIndex((row, index) => row !== built[index]);
  if (at >= 0) return `kept ${kept[at]}, rebuilt ${built[at] ?? 'nothing'}`;
  return kept.length < built.length ? `kept nothing, rebuilt ${built[kept.length]}` : undefined;
}

/** Every row of every table of a generation, as text. */
async function rowsOf({ pool }: TestStages, schema: string): Promise<string[]> {
  const tables = await pool.query<{ name: string }>(
    'select tablename as name from pg_tables where schemaname = $1 order by 1',
    [schema],
  );
  const rows: string[] = [];
  for (const { name } of tables.rows) {
    const all = await pool.query<{ row: string }>(`select t::text as row from ${schema}.${name} t order by 1`);
    rows.push(...all.rows.map(({ row }) => `${name} ${row}`));
  }
  return rows;
}
