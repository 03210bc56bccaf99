import { CHOICE_ELEMENTS, HOMONYM_TYPES, OPEN_TYPES, PARENT_TYPES } from './data-types.table.js';

/** path of a choice element → its types. */
const typesByPath = new Map<string, readonly string[]>();
/** name of a choice element → the types that it has anywhere. */
const typesByName = new Map<string, Set<string>>();

for (const [path, listed] of Object.entries(CHOICE_ELEMENTS)) {
  const types = (listed === '*' ? OPEN_TYPES : listed).split(' ');
  const name = path.slice(path.lastIndexOf('.') + 1);
  typesByPath.set(path, types);
  typesByName.set(name, new Set([...(typesByName.get(name) ?? []), ...types]));
}

/** Whether `path` (Observation.value) is a choice element of R4 (http://hl7.org/fhir/R4/formats.html#choice). */
export function isChoicePath(path: string): boolean {
  return typesByPath.has(path);
}

/**
 * The JSON keys of the choice element `path`, all or those of `type` and what specialises it: valueQuantity, valueAge.
 */
export function choiceKeysOfPath(path: string, type?: string): string[] {
  return keysOf(path.slice(path.lastIndexOf('.') + 1), typesByPath.get(path) ?? [], type);
}

/** The same for every choice element called `name`, whatever it is an element of. */
export function choiceKeysOfName(name: string, type?: string): string[] {
  return keysOf(name, [...(typesByName.get(name) ?? [])], type);
}

/** Whether some element called `name` that is no choice, so that JSON does not tell its type, may hold a `type`. */
export function hasHomonym(name: string, type: string): boolean {
  const types = Object.hasOwn(HOMONYM_TYPES, name) ? (HOMONYM_TYPES[name] as string).split(' ') : [];
  return types.some((candidate) => isKindOfType(candidate, type));
}

/** Whether the data type `type` is an `ancestor` or specialises it (http://hl7.org/fhir/R4/datatypes.html). */
export function isKindOfType(type: string, ancestor: string): boolean {
  for (let current: string | undefined = type; current !== undefined; current = PARENT_TYPES[current]) {
    if (current === ancestor) return true;
  }
  return false;
}

function keysOf(name: string, types: readonly string[], type?: string): string[] {
  return types
    .filter((candidate) => type === undefined || isKindOfType(candidate, type))
    .map((candidate) => name + candidate.charAt(0).toUpperCase() + candidate.slice(1));
}
