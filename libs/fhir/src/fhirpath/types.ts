import { referenceType } from '../reference/reference-type.js';
import { isKindOfResource } from '../reference/resource-types.js';
import { type Evaluate, NOTHING } from './evaluate.js';
import { underFirst } from './select.js';
import { singleOf } from './single.js';
import { filter, flatMap, isEmpty } from './values.js';

/** Whether an item is a resource of the type `name`, which may be abstract. */
export function isResource(item: unknown, name: string): boolean {
  if (typeof item !== 'object' || item === null) return false;
  const { resourceType } = item as { resourceType?: unknown };
  return typeof resourceType === 'string' && isKindOfResource(resourceType, name);
}

/** `as T` and ofType(T) for a resource type: the items that are such resources. */
export function resourcesOf(of: Evaluate, name: string): Evaluate {
  return of === NOTHING
    ? NOTHING
    : (item, environment) => filter(of(item, environment), (found) => isResource(found, name));
}

/** `is T` for a resource type (http://hl7.org/fhirpath/N1/#is-type-specifier). */
export function isResourceOf(of: Evaluate, name: string): Evaluate {
  return (item, environment) => {
    const single = singleOf(of(item, environment), environment);
    return single === undefined ? undefined : isResource(single, name);
  };
}

/**
 * `is T` for a data type on a choice element of the items of `of`: the element is under one of `keys`, and a T if it is
 * under one of `typedKeys`.
 */
export function isTyped(of: Evaluate, keys: readonly string[], typedKeys: readonly string[]): Evaluate {
  const any = underFirst(keys);
  const typed = underFirst(typedKeys);
  return (item, environment) => {
    const holders = of(item, environment);
    if (singleOf(flatMap(holders, any), environment) === undefined) return undefined;
    return !isEmpty(flatMap(holders, typed));
  };
}

/**
 * `resolve() is T`, decided without fetching: by the text of the reference or canonical and, where that does not say
 * the type, by the caller's ReferenceTyper (http://hl7.org/fhir/R4/fhirpath.html#functions). Undefined where neither
 * knows, as for a reference that does not resolve.
 */
export function resolvesTo(of: Evaluate, name: string): Evaluate {
  return (item, environment) => {
    const text = literalReference(singleOf(of(item, environment), environment));
    const type = text === undefined ? undefined : referenceType(text, environment.typeOf);
    return type === undefined ? undefined : isKindOfResource(type, name);
  };
}

/** The text of a Reference's literal reference or of a uri; undefined for anything else. */
export function literalReference(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { reference } = value as { reference?: unknown };
  return typeof reference === 'string' ? reference : undefined;
}
