import { Decimal } from '@chartledger/fhir';
import { type Cell } from './column-reader.js';

/** A cell as JSON; a decimal with the digits that it was sent with. */
export function cellJson(cell: Cell): string {
  if (cell instanceof Decimal) return cell.toString();
  if (Array.isArray(cell)) return `[${cell.map(cellJson).join(',')}]`;
  return JSON.stringify(cell);
}
