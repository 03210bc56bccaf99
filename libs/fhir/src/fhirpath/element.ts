import { choiceKeysOfName, choiceKeysOfPath, hasHomonym, isChoicePath } from './data-types.js';
import { OutsideSubset } from './outside-subset.js';

/**
 * The JSON keys under which the element `name` is found; at most one of them is there. A choice element is named
 * without its type (http://hl7.org/fhir/R4/fhirpath.html#polymorphism), and JSON holds it as name and type.
 * @param path the element's path in the definitions, where it is known.
 * @throws OutsideSubset for what is no element's name: the others are in every JavaScript object.
 */
export function elementKeys(name: string, path: string | undefined): string[] {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name) || name in Object.prototype) throw new OutsideSubset(`the element ${name}`);
  return path !== undefined && isChoicePath(path) ? choiceKeysOfPath(path) : [name, ...choiceKeysOfName(name)];
}

/**
 * The keys of the choice element `name` as a `type` or what specialises it; none where it cannot be one.
 * @throws OutsideSubset where the element may be no choice: JSON does not tell the type of such a one.
 */
export function typedElementKeys(name: string, path: string | undefined, type: string): string[] {
  if (path !== undefined && isChoicePath(path)) return choiceKeysOfPath(path, type);
  const keys = choiceKeysOfName(name, type);
  if (keys.length === 0 || hasHomonym(name, type)) throw new OutsideSubset(`${name} as ${type}`);
  return keys;
}
