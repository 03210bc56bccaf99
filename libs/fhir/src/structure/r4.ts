import { fillTable } from './fill-table.js';
import { NameTable } from './name-table.js';
import { R4 } from './r4.table.js';
import { TypeTable } from './type-table.js';
import { type Definitions } from './definitions.js';
import { VIEW_DEFINITION } from './view-definition.table.js';

const DEFINITIONS: Definitions = {
  resources: [...R4.resources, ...VIEW_DEFINITION.resources],
  types: { ...R4.types, ...VIEW_DEFINITION.types },
};

/** Made when a type is first met: all 673 at once would take a tenth of a second of every start. */
const tables = new Map<string, TypeTable>();

/** The concrete resource types of FHIR R4, and ViewDefinition. */
export const RESOURCE_NAMES: NameTable<string> = new NameTable(DEFINITIONS.resources.map((name) => [name, name]));

/** The table of the resource type, data type or nested type at `path` (`Bundle.entry`). */
export function typeTable(path: string): TypeTable {
  const known = tables.get(path);
  if (known) return known;
  const table = new TypeTable(path);
  tables.set(path, table);
  fillTable(table, DEFINITIONS, typeTable);
  return table;
}
