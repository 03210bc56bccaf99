/** Pure functions from FHIR's definitional resources to the rows of the tables. No input or output. */

const sorted = (map) => Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));

/** The types that R4 never stores by themselves: the two abstract ones. */
const ABSTRACT = ['DomainResource', 'Resource'];

/** Concrete resource types, sorted, by R4's own code system: the package holds later types too (SubscriptionStatus). */
export function resourceTypes(valueSets) {
  const codes = valueSets.entry.find(({ resource }) => resource.url === 'http://hl7.org/fhir/resource-types').resource;
  return codes.concept
    .map(({ code }) => code)
    .filter((code) => !ABSTRACT.includes(code))
    .sort();
}

/** Every element of every type with its path and the codes of its types. */
function elementsOf(structures) {
  return structures
    .filter(({ derivation }) => derivation !== 'constraint')
    .flatMap(({ snapshot }) => snapshot?.element ?? [])
    .map(({ path, type = [] }) => ({ path, types: type.map(({ code }) => code).filter(isFhirType) }));
}

/** The types of FHIRPath itself stand in the definitions for the value of a primitive. */
const isFhirType = (code) => !code.startsWith('http://hl7.org/fhirpath/');

const CHOICE = '[x]';
const lastName = (path) => path.split('.').at(-1);

/** path of a choice element without its [x] → its types, `*` for the open ones (those of Extension.value[x]). */
export function choiceElements(structures) {
  const choices = elementsOf(structures).filter(({ path }) => path.endsWith(CHOICE));
  const open = openTypes(structures).join(' ');
  return sorted(
    choices.map(({ path, types }) => [path.slice(0, -CHOICE.length), types.join(' ') === open ? '*' : types.join(' ')]),
  );
}

/** The types of an open choice (http://hl7.org/fhir/R4/datatypes.html#open). */
export function openTypes(structures) {
  return elementsOf(structures).find(({ path }) => path === 'Extension.value[x]').types;
}

/** name that a choice element has somewhere → the types of the elements of that name that are no choice. */
export function homonymTypes(structures) {
  const names = new Set(Object.keys(choiceElements(structures)).map(lastName));
  const types = new Map();
  for (const element of elementsOf(structures)) {
    const name = lastName(element.path);
    if (names.has(name)) types.set(name, new Set([...(types.get(name) ?? []), ...element.types]));
  }
  return sorted([...types].map(([name, codes]) => [name, [...codes].sort().join(' ')]));
}

/** name that is of one data type in all of R4, and nowhere a choice → that type, where it has choice elements inside. */
export function choiceParents(structures) {
  const choices = new Set(Object.keys(choiceElements(structures)).map(lastName));
  const withChoice = new Set(Object.keys(choiceElements(structures)).map((path) => path.split('.')[0]));
  const types = new Map();
  for (const element of elementsOf(structures)) {
    const name = lastName(element.path);
    if (element.path.includes('.')) types.set(name, new Set([...(types.get(name) ?? []), ...element.types]));
  }
  const isParent = ([name, codes]) => !choices.has(name) && codes.size === 1 && withChoice.has([...codes][0]);
  return sorted([...types].filter(isParent).map(([name, codes]) => [name, [...codes][0]]));
}

/** data type → the data type it specialises, where there is one between it and Element. */
export function parentTypes(structures) {
  const parents = new Map();
  for (const { kind, derivation, type, baseDefinition } of structures) {
    const parent = baseDefinition?.split('/').at(-1);
    const isData = kind === 'primitive-type' || kind === 'complex-type';
    if (isData && derivation === 'specialization' && parent !== 'Element') parents.set(type, parent);
  }
  return sorted(parents);
}

/** One line for each SearchParameter, in the order of the definitions. */
export function searchParameterLines(bundle, types) {
  return bundle.entry.map(({ resource }) => {
    const { id, code, type, base, target = [], expression = '' } = resource;
    const isAny = types.every((name) => name === 'Parameters' || target.includes(name));
    const targets = isAny ? '*' : target.join(' ');
    const fields = [id, code, type, base.join(' '), targets, expression.replace(/\s+/g, ' ').trim()];
    if (fields.some((field) => /[;`\\$\n]/.test(field)))
      throw new Error(`${id} has a character that the table reserves`);
    return fields.join('; ').trimEnd();
  });
}

/** type → codes in the definition's order, for the types that belong to the compartment. */
export function compartmentParameters({ resource }) {
  return Object.fromEntries(resource.filter(({ param }) => param?.length).map(({ code, param }) => [code, param]));
}
