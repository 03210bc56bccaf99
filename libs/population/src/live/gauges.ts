import { type DuckDBConnection } from '@duckdb/node-api';
import { type Positions } from '@chartledger/ledger';
import { rowsOf } from '../store/duck-file.js';
import { type Lane } from './lane.js';
import { type Lanes } from './lanes.js';
import { progress } from './read-status.js';

/** How the live views stand, in numbers. */
export interface PopulationGauges {
  /** Why the views do not follow now, if they do not. */
  error?: string;
  views: ViewGauges[];
}

export interface ViewGauges {
  /** Its id; of a view that is made anew beside the one that is read, `ID (filling)`. */
  view: string;
  rows: number;
  /** Entries that it does not have yet, by chain. */
  lag: [chain: number, entries: number][];
  /** From 0 to 1. */
  filled: number;
}

/** @param heads the last position of each chain. */
export async function readGauges(
  connection: DuckDBConnection,
  { live, filling }: Lanes,
  heads: Positions,
): Promise<ViewGauges[]> {
  const gauges: ViewGauges[] = [];
  const add = async (lane: Lane, name: (id: string) => string, filled: number): Promise<void> => {
    const lag = [...heads].map(([chain, seq]): [number, number] => [chain, Math.max(0, seq - lane.position(chain))]);
    for (const { row, tableName } of lane.views) {
      // Without a condition DuckDB knows it without reading the table.
      const [{ rows }] = await rowsOf<{ rows: bigint }>(connection, `select count(*) as rows from ${tableName}`);
      gauges.push({ view: name(row.id), rows: Number(rows), lag, filled });
    }
  };
  await add(live, (id) => id, 1);
  for (const lane of filling) {
    const { done, total } = progress(live, lane);
    await add(lane, (id) => `${id} (filling)`, total === 0 ? 1 : done / total);
  }
  return gauges;
}
