/**
 * A FHIRPath collection (http://hl7.org/fhirpath/N1/#collections) as plain JSON holds it: undefined is none, an array
 * is its items, anything else is one item. So a path over parsed JSON allocates only where two arrays meet. Arrays may
 * hold null, JSON's mark for a primitive without a value (http://hl7.org/fhir/R4/json.html#primitive): it is no item.
 */
export type Collection = unknown;

/** The items; never null. MAY be the array of the resource itself, so it MUST NOT be changed. */
export function toItems(collection: Collection): readonly unknown[] {
  if (collection === undefined || collection === null) return NONE;
  if (!Array.isArray(collection)) return [collection];
  return collection.includes(null) ? collection.filter((item) => item !== null) : collection;
}

const NONE: readonly unknown[] = Object.freeze([]);

export function isEmpty(collection: Collection): boolean {
  if (!Array.isArray(collection)) return collection === undefined || collection === null;
  return toItems(collection).length === 0;
}

/** The items of `left`, then those of `right`. Neither is changed. */
export function concatenate(left: Collection, right: Collection): Collection {
  if (left === undefined || left === null) return right;
  if (right === undefined || right === null) return left;
  return [...toItems(left), ...toItems(right)];
}

/** What `project` makes of each item, one after the other. */
export function flatMap(collection: Collection, project: (item: unknown) => Collection): Collection {
  if (!Array.isArray(collection)) {
    return collection === undefined || collection === null ? undefined : project(collection);
  }
  let result: unknown[] | undefined;
  for (const item of collection) {
    if (item === null) continue;
    const projected = project(item);
    if (projected === undefined || projected === null) continue;
    result ??= [];
    if (Array.isArray(projected)) for (const value of projected) result.push(value);
    else result.push(projected);
  }
  return result;
}

/** The items for which `test` holds. */
export function filter(collection: Collection, test: (item: unknown) => boolean): Collection {
  if (!Array.isArray(collection)) {
    return collection !== undefined && collection !== null && test(collection) ? collection : undefined;
  }
  return collection.filter((item) => item !== null && test(item));
}
