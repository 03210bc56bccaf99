import { type Evaluate, NOTHING, THIS } from './evaluate.js';
import { type Collection, flatMap } from './values.js';

/** What one item holds. */
export type OfItem = (item: unknown) => Collection;

type Json = Readonly<Record<string, unknown>>;

/** What an item holds under the first of `keys` that it has. An item that is no object holds nothing. */
export function underFirst(keys: readonly string[]): OfItem {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return under(only);
  return (item) => {
    if (typeof item !== 'object' || item === null) return undefined;
    for (const key of keys) {
      const value = (item as Json)[key];
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

function under(key: string): OfItem {
  return (item) => (typeof item === 'object' && item !== null ? (item as Json)[key] : undefined);
}

/** What `ofItem` takes of each item of `of`. */
export function ofEach(of: Evaluate, ofItem: OfItem): Evaluate {
  if (of === NOTHING) return NOTHING;
  return of === THIS ? ofItem : (item, environment) => flatMap(of(item, environment), ofItem);
}

/** What each item of `of` holds under the first of `keys` that it has (http://hl7.org/fhirpath/N1/#path-selection). */
export function select(of: Evaluate, keys: readonly string[]): Evaluate {
  return keys.length === 0 ? NOTHING : ofEach(of, underFirst(keys));
}
