import { type DuckDBConnection } from '@duckdb/node-api';
import { rowsOf } from '../store/duck-file.js';
import { LIVE } from '../store/lanes.js';
import { readPositions } from '../store/population-store.js';
import { OPEN } from '../store/view-table.js';
import { Lane } from './lane.js';
import { compiledOrProblem, dropView, KeptView, readViews, type ViewRow } from './registered-view.js';

/** Everything that the file says of the views that are kept: the lane that is read first, then those that are filled. */
export interface Lanes {
  live: Lane;
  filling: Lane[];
  broken: ViewRow[];
}

/** Reads the lanes, with the index of the records in them. */
export async function loadLanes(connection: DuckDBConnection, chains: readonly number[]): Promise<Lanes> {
  const lanes: Lanes = { live: new Lane(LIVE, []), filling: [], broken: [] };
  await refreshViews(connection, lanes);
  for (const lane of [lanes.live, ...lanes.filling]) {
    for (const chain of chains) lane.positions.set(chain, -1);
    for (const [chain, seq] of await readPositions(connection, lane.number)) lane.positions.set(chain, seq);
    for (const view of lane.views) {
      await indexRecords(connection, lane, view.tableName);
      const chains = await rowsOf<{ chain: number }>(
        connection,
        `select distinct _chain as chain from ${view.tableName}`,
      );
      for (const { chain } of chains) view.chains.add(chain);
    }
    await indexRecords(connection, lane, 'population.failure');
  }
  return lanes;
}

/** Takes up what was registered, dropped or moved to another lane; what stays is not loaded again. */
export async function refreshViews(connection: DuckDBConnection, lanes: Lanes): Promise<void> {
  const kept = new Map<number, KeptView>();
  for (const lane of [lanes.live, ...lanes.filling]) for (const view of lane.views) kept.set(view.row.no, view);
  const byLane = new Map<number, KeptView[]>([[LIVE, []]]);
  // A lane whose views were all dropped would hand its positions to the next one of its number.
  await connection.run(
    `delete from population.lane where lane <> ${LIVE} and lane not in (select lane from population.view)`,
  );
  lanes.broken = [];
  for (const row of await readViews(connection)) {
    const source = kept.get(row.no)?.source ?? (row.problem === null ? compiledOrProblem(row.definition) : row.problem);
    if (typeof source === 'string') {
      lanes.broken.push({ ...row, problem: source });
      continue;
    }
    const view = kept.get(row.no) ?? new KeptView(row, source);
    view.row = row;
    byLane.set(row.lane, [...(byLane.get(row.lane) ?? []), view]);
  }
  lanes.live.replaceViews(byLane.get(LIVE)!);
  byLane.delete(LIVE);
  const before = new Map(lanes.filling.map((lane) => [lane.number, lane]));
  lanes.filling = [...byLane]
    .sort(([a], [b]) => a - b)
    .map(([number, views]) => {
      const lane = before.get(number) ?? new Lane(number, []);
      lane.replaceViews(views);
      return lane;
    });
}

/** Writes the position of a lane on a chain, in the connection's transaction. */
export async function movePosition(
  connection: DuckDBConnection,
  lane: number,
  chain: number,
  seq: number,
): Promise<void> {
  const moved = await connection.run('update population.lane set seq = $3 where lane = $1 and chain = $2', [
    lane,
    chain,
    BigInt(seq),
  ]);
  if (moved.rowsChanged > 0) return;
  await connection.run('insert into population.lane values ($1, $2, $3)', [lane, chain, BigInt(seq)]);
}

/** The lane is read from now on: its views take the place of those with the same id, in the connection's transaction. */
export async function swapIn(connection: DuckDBConnection, lanes: Lanes, lane: Lane): Promise<void> {
  for (const { row } of lane.views) {
    const former = [...lanes.live.views.map((view) => view.row), ...lanes.broken].filter(({ id }) => id === row.id);
    for (const { no } of former) await dropView(connection, no);
  }
  await connection.run(`update population.view set lane = ${LIVE} where lane = $1`, [lane.number]);
  await connection.run('delete from population.lane where lane = $1', [lane.number]);
  for (const [chain, seq] of lane.positions) await movePosition(connection, LIVE, chain, seq);
}

async function indexRecords(connection: DuckDBConnection, lane: Lane, table: string): Promise<void> {
  const result = await connection.stream(
    `select distinct (_key >> 32)::uinteger, (_key & 4294967295)::uinteger, _seq from ${table} where _to = ${OPEN}`,
  );
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const [high, low, seq] = chunk.getColumns() as [number[], number[], bigint[]];
    for (let row = 0; row < high.length; row += 1) lane.index.put(high[row], low[row], Number(seq[row]));
  }
}
