import { type DuckDBConnection } from '@duckdb/node-api';
import { rowsOf } from '../store/duck-file.js';
import { OPEN } from '../store/view-table.js';
import { type Lane } from './lane.js';
import { type Lanes } from './lanes.js';
import { namesOf, type ViewRow } from './registered-view.js';
import { type PopulationStatus, type ViewStatus } from './status.js';

/** The last failures that are shown of a view. */
const SHOWN_FAILURES = 5;

export async function readStatus(connection: DuckDBConnection, lanes: Lanes): Promise<PopulationStatus> {
  const views: ViewStatus[] = [];
  for (const { row } of lanes.live.views) {
    const failures = await failuresOf(connection, row.no);
    views.push({ ...describe(row), state: 'live', ...(failures.count > 0 ? { failures } : {}) });
  }
  for (const lane of lanes.filling) {
    for (const { row } of lane.views) views.push({ ...describe(row), state: 'filling', ...progress(lanes.live, lane) });
  }
  for (const row of lanes.broken) views.push({ ...describe(row), state: 'broken', problem: row.problem! });
  return { positions: Object.fromEntries(lanes.live.positions), views };
}

function describe(row: ViewRow): Pick<ViewStatus, 'id' | 'version' | 'name' | 'url'> {
  const { name, url } = namesOf(row.definition);
  return { id: row.id, version: row.version, ...(name ? { name } : {}), ...(url ? { url } : {}) };
}

/** Entries read, of those there are. */
export function progress(live: Lane, lane: Lane): { done: number; total: number } {
  const count = (positions: Iterable<number>): number => [...positions].reduce((sum, seq) => sum + seq + 1, 0);
  const done = count(lane.positions.values());
  return { done, total: Math.max(done, count(live.positions.values())) };
}

async function failuresOf(connection: DuckDBConnection, no: number): Promise<NonNullable<ViewStatus['failures']>> {
  const rows = await rowsOf<{ position: string; problem: string; total: bigint }>(
    connection,
    `select _chain || ':' || _seq as position, problem, count(*) over () as total from population.failure
     where view = $1 and _to = ${OPEN} order by _chain desc, _seq desc limit ${SHOWN_FAILURES}`,
    [no],
  );
  return {
    count: Number(rows[0]?.total ?? 0),
    last: rows.map(({ position, problem }) => ({ position, problem })),
  };
}
