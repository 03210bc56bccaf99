/**
 * The structure of FHIR R4 as it is checked in (`r4.table.ts`, made by tools/fhir-definitions).
 *
 * `types` maps a type's path (`Patient`, `Patient.contact`, `HumanName`) to its own elements in the specification's
 * order. An element is one line: cardinality, blank, types parted by `|`; a name that ends in `[x]` is a choice
 * (R4 formats.html#choice). A type that starts with `@` is an XML attribute, which has no `_` sibling in JSON
 * (R4 json.html#primitive). `$extends` names the type whose elements come first.
 */
export interface Definitions {
  readonly resources: readonly string[];
  readonly types: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** One element of a type. */
export interface ElementRule {
  /** As in the specification: `value[x]`, `birthDate`. */
  readonly name: string;
  readonly min: number;
  /** Whether JSON has an array: the maximal cardinality is above one (R4 json.html#repeat). */
  readonly repeats: boolean;
  readonly types: readonly string[];
}

const LINE = /^(\d+)\.\.(1|\*) (\S+)$/;

/** Reads a line such as `0..* CodeableConcept|Reference`. */
export function elementRule(name: string, line: string): ElementRule {
  const [, min, max, types] = LINE.exec(line) ?? [];
  if (types === undefined) throw new Error(`the definition of ${name} is not readable: ${line}`);
  return { name, min: Number(min), repeats: max === '*', types: types.split('|') };
}

/** The elements of the type at `path`, those of its base types first. */
export function elementsOf({ types }: Definitions, path: string): ElementRule[] {
  const type = types[path];
  if (!type) throw new Error(`the definitions have no type ${path}`);
  const { $extends: base, ...own } = type;
  const inherited = base ? elementsOf({ resources: [], types }, base) : [];
  return [...inherited, ...Object.entries(own).map(([name, line]) => elementRule(name, line))];
}
