import { elementsOf, type Definitions } from './definitions.js';
import { memberNames, RESOURCE_TYPE_NAME, type MemberName } from './member-names.js';
import { NameTable } from './name-table.js';
import { PRIMITIVE_TYPES } from './primitive-type.js';
import { KIND, ROLE, type Bits, type Member, type TypeTable } from './type-table.js';

/** Bits of a word of the set of members. */
const WORD_BITS = 32;

/** What the scanner of a Bundle tells of an entry stands here. */
const BUNDLE_PATHS: ReadonlySet<string> = new Set(['Bundle', 'Bundle.entry', 'Bundle.entry.request']);

interface PlacedName extends MemberName {
  readonly place: Bits;
}

/**
 * Fills the empty `table` by its type's definition.
 * @param tableOf gives the tables of the members' types, `table` itself among them: types are recursive.
 */
export function fillTable(table: TypeTable, definitions: Definitions, tableOf: (path: string) => TypeTable): void {
  Object.assign(table, contents(definitions, table.name, tableOf));
}

function contents(definitions: Definitions, path: string, tableOf: (path: string) => TypeTable): Partial<TypeTable> {
  // Required elements first: their bits are in the first word.
  const rules = elementsOf(definitions, path).sort((a, b) => b.min - a.min);
  const names = rules.flatMap(memberNames);
  if (definitions.resources.includes(path)) names.push(RESOURCE_TYPE_NAME);
  const placed = names.map((name, index): PlacedName => ({ ...name, place: bitAt(index) }));
  const ofElement = groupByElement(placed);
  const required = rules.filter((rule) => rule.min > 0).map((rule) => rule.name);
  const single = required.map((element) => placed.find((name) => name.name === element)?.place);
  return {
    members: new NameTable(
      placed.map((name) => [name.name, memberOf(path, name, ofElement.get(name.element)!, tableOf)]),
    ),
    words: Math.ceil(placed.length / WORD_BITS),
    requirements: required.map((element) => ({ element, anyOf: merge(ofElement.get(element)!) })),
    requiredBits: single.reduce((bits, place) => bits | (place?.mask ?? 0), 0),
    requiresChoice: single.includes(undefined),
  };
}

function groupByElement(names: readonly PlacedName[]): Map<string, PlacedName[]> {
  const groups = new Map<string, PlacedName[]>();
  for (const name of names) groups.set(name.element, [...(groups.get(name.element) ?? []), name]);
  return groups;
}

function bitAt(index: number): Bits {
  return { word: Math.floor(index / WORD_BITS), mask: 1 << (index % WORD_BITS) };
}

function memberOf(
  path: string,
  name: PlacedName,
  ofElement: PlacedName[],
  tableOf: (path: string) => TypeTable,
): Member {
  const { element, kind, repeats, typeName, place } = name;
  const value = withoutUnderscore(name.name);
  return {
    name: name.name,
    element,
    kind,
    repeats,
    typeName,
    primitive: kind === KIND.RESOURCE_TYPE ? undefined : PRIMITIVE_TYPES.get(typeName),
    role: kind === KIND.PRIMITIVE ? roleOf(path, name) : ROLE.NONE,
    type: kind === KIND.COMPLEX || kind === KIND.SIBLING ? tableOf(typeName) : undefined,
    word: place.word,
    bit: place.mask,
    rivals: merge(ofElement.filter((other) => withoutUnderscore(other.name) !== value)),
    bytes: new Uint8Array(Buffer.from(name.name)),
    next: undefined,
  };
}

function roleOf(path: string, { name, typeName }: MemberName): Member['role'] {
  if (path === 'Reference' && name === 'reference') return ROLE.REFERENCE;
  if (name === 'id' && typeName === 'id') return ROLE.RESOURCE_ID;
  if (BUNDLE_PATHS.has(path)) return ROLE.BUNDLE_MEMBER;
  return PRIMITIVE_TYPES.get(typeName)?.link ? ROLE.LINK : ROLE.NONE;
}

function withoutUnderscore(name: string): string {
  return name.startsWith('_') ? name.slice(1) : name;
}

/** The bits of all `names`, one entry a word. */
function merge(names: readonly PlacedName[]): Bits[] {
  const masks = new Map<number, number>();
  for (const { place } of names) masks.set(place.word, (masks.get(place.word) ?? 0) | place.mask);
  return [...masks].map(([word, mask]) => ({ word, mask }));
}
