import { EXTRA, ROW, type TableArrays } from './record-table.js';

/** An address, phone, e-mail address or identifier of a row: where it is. */
export interface RowItem {
  ints: Int32Array;
  at: number;
  /** Of an e-mail address the hash of its mailbox. */
  third: number;
}

/** All addresses (0), phones (1), e-mails (2) or identifiers (3) of the row that begins at `row`. */
export function listOf({ rows, extras }: TableArrays, row: number, kind: 0 | 1 | 2 | 3): RowItem[] {
  const first = [ROW.number, ROW.phone, ROW.email, ROW.idSystem][kind];
  const items = [{ ints: rows, at: row + first, third: rows[row + ROW.mailbox] }];
  let at = rows[row + ROW.extras];
  if (at === 0) return items;
  at += 1 + extras[at] * EXTRA.name;
  const sizes = [EXTRA.address, EXTRA.code, EXTRA.email, EXTRA.identifier];
  for (let before = 0; before < kind; before++) at += 1 + extras[at] * sizes[before];
  const size = sizes[kind];
  for (let i = 0; i < extras[at]; i++)
    items.push({ ints: extras, at: at + 1 + i * size, third: extras[at + 1 + i * size + 2] });
  return items;
}

/** Of two levels the one that agrees more; 0 is missing, and any level says more than that. */
export function better(a: number, b: number): number {
  return a === 0 ? b : b === 0 ? a : Math.min(a, b);
}
