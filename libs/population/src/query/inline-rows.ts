import { type ViewSource } from '../live/view-source.js';
import { type AdHocRows } from './ad-hoc-rows.js';

/** The rows of resources that were sent along; those of other types have none. @throws RowError. */
export async function* inlineRows(
  view: ViewSource,
  resources: readonly Record<string, unknown>[],
): AsyncGenerator<AdHocRows> {
  const rows: AdHocRows['rows'] = [];
  for (const [index, resource] of resources.entries()) {
    const origin = { source: '', record: '', version: 0, patient: null, key: { high: 0, low: 0 }, from: index };
    view.rows(resource, (row) => rows.push({ origin, row: [...row] }));
  }
  yield { chain: 0, rows };
}
