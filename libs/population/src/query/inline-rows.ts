import { type ViewSource } from '../live/view-source.js';
import { type AdHocRow } from './ad-hoc-rows.js';

/** The rows of resources that were sent along; those of other types have none. @throws RowError. */
export async function* inlineRows(
  view: ViewSource,
  resources: readonly Record<string, unknown>[],
): AsyncGenerator<AdHocRow[]> {
  const rows: AdHocRow[] = [];
  for (const [index, resource] of resources.entries()) {
    const origin = { source: '', record: '', version: 0, patient: null, key: 0n, chain: 0, from: BigInt(index) };
    view.rows(resource, (row) => rows.push({ origin, row: [...row] }));
  }
  yield rows;
}
