import { fillTable } from './fill-table.js';
import { NameTable } from './name-table.js';
import { R4 } from './r4.table.js';
import { TypeTable } from './type-table.js';

/** Made when a type is first met: all 673 at once would take a tenth of a second of every start. */
const tables = new Map<string, TypeTable>();

/** The concrete resource types of FHIR R4. */
export const RESOURCE_NAMES: NameTable<string> = new NameTable(R4.resources.map((name) => [name, name]));

/** The table of the resource type, data type or nested type at `path` (`Bundle.entry`). */
export function typeTable(path: string): TypeTable {
  const known = tables.get(path);
  if (known) return known;
  const table = new TypeTable(path);
  tables.set(path, table);
  fillTable(table, R4, typeTable);
  return table;
}
