import { type Evaluate } from './evaluate.js';
import { ofEach, type OfItem, underFirst } from './select.js';
import { concatenate, filter, flatMap } from './values.js';

const extension = underFirst(['extension']);

/** The extensions of each item of `of`; those of a primitive are not in the item (extensionsOfElement). */
export function extensions(of: Evaluate): Evaluate {
  return ofEach(of, extension);
}

/**
 * The extensions of the element that each item of `of` holds under one of `keys`. Those of a primitive stand in JSON
 * beside it, as _birthDate beside birthDate (http://hl7.org/fhir/R4/json.html#primitive).
 */
export function extensionsOfElement(of: Evaluate, keys: readonly string[]): Evaluate {
  const element: OfItem = underFirst(keys);
  const sibling: OfItem = underFirst(keys.map((key) => `_${key}`));
  return ofEach(of, (item) => concatenate(flatMap(element(item), extension), flatMap(sibling(item), extension)));
}

/** extension(url): those extensions that have the URL (http://hl7.org/fhir/R4/fhirpath.html#functions). */
export function withUrl(of: Evaluate, url: string): Evaluate {
  return (item, environment) => filter(of(item, environment), (found) => (found as { url?: unknown }).url === url);
}
