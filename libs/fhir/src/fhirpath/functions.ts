import { type Evaluate, NOTHING } from './evaluate.js';
import { truthOf } from './single.js';
import { filter, isEmpty, toItems } from './values.js';

/** where(criteria) (http://hl7.org/fhirpath/N1/#wherecriteria-expression-collection). */
export function where(of: Evaluate, criteria: Evaluate): Evaluate {
  if (of === NOTHING || criteria === NOTHING) return NOTHING;
  return (item, environment) =>
    filter(of(item, environment), (candidate) => truthOf(criteria(candidate, environment), environment) === true);
}

/**
 * exists() (http://hl7.org/fhirpath/N1/#existscriteria-expression-boolean). A primitive that has extensions but no
 * value counts as absent.
 */
export function exists(of: Evaluate): Evaluate {
  return (item, environment) => !isEmpty(of(item, environment));
}

/** empty() (http://hl7.org/fhirpath/N1/#empty-boolean). */
export function empty(of: Evaluate): Evaluate {
  return (item, environment) => isEmpty(of(item, environment));
}

/** not() (http://hl7.org/fhirpath/N1/#not-boolean). */
export function not(of: Evaluate): Evaluate {
  return (item, environment) => {
    const truth = truthOf(of(item, environment), environment);
    return truth === undefined ? undefined : !truth;
  };
}

/** first() (http://hl7.org/fhirpath/N1/#first-collection). */
export function first(of: Evaluate): Evaluate {
  return of === NOTHING ? NOTHING : (item, environment) => toItems(of(item, environment))[0];
}

/** last() (http://hl7.org/fhirpath/N1/#last-collection). */
export function last(of: Evaluate): Evaluate {
  return of === NOTHING ? NOTHING : (item, environment) => toItems(of(item, environment)).at(-1);
}

/** count() (http://hl7.org/fhirpath/N1/#count-integer). */
export function count(of: Evaluate): Evaluate {
  return (item, environment) => toItems(of(item, environment)).length;
}

/** join() (https://hl7.org/fhirpath/#joinseparator-string--string): of no strings it is empty. */
export function join(of: Evaluate, separator: string): Evaluate {
  return (item, environment) => {
    const strings = toItems(of(item, environment)).filter((value) => typeof value === 'string');
    return strings.length === 0 ? undefined : strings.join(separator);
  };
}
