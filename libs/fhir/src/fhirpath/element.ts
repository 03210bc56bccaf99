import { choiceKeysOfName, hasHomonym, isKindOfType } from './data-types.js';
import { Decimal } from './decimal.js';
import { OutsideSubset } from './outside-subset.js';
import { type StaticTypes } from './scope.js';
import { elementOf } from './static-types.js';

/**
 * The JSON keys under which the element `name` is found; at most one of them is there. A choice element is named
 * without its type (http://hl7.org/fhir/R4/fhirpath.html#polymorphism), and JSON holds it as name and type.
 * @param parents what holds the element, where it is known.
 * @throws OutsideSubset for what is no element's name: the others are in every JavaScript object or Decimal.
 */
export function elementKeys(name: string, parents: StaticTypes): string[] {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name) || name in Decimal.prototype) throw new OutsideSubset(`the element ${name}`);
  return definedKeys(name, parents) ?? [name, ...choiceKeysOfName(name)];
}

/**
 * The keys of the element `name` as a `type` or what specialises it; none where it cannot be one.
 * @throws OutsideSubset where neither its definition nor JSON tells the type.
 */
export function typedElementKeys(name: string, parents: StaticTypes, type: string): string[] {
  const defined = definedKeys(name, parents, type);
  if (defined) return defined;
  const keys = choiceKeysOfName(name, type);
  if (keys.length === 0 || hasHomonym(name, type)) throw new OutsideSubset(`${name} as ${type}`);
  return keys;
}

/** undefined where none of the parents is known to have such an element. */
function definedKeys(name: string, parents: StaticTypes, type?: string): string[] | undefined {
  const elements = (parents ?? []).flatMap((parent) => elementOf(parent, name) ?? []);
  if (elements.length === 0) return undefined;
  const keys = elements.flatMap(({ isChoice, types }) => {
    const kinds = types.filter((candidate) => type === undefined || isKindOfType(candidate, type));
    return isChoice ? kinds.map((kind) => choiceKey(name, kind)) : kinds.slice(0, 1).map(() => name);
  });
  return [...new Set(keys)];
}

function choiceKey(name: string, type: string): string {
  return name + type.charAt(0).toUpperCase() + type.slice(1);
}
