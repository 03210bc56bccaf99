import { type Evaluate, NOTHING } from './evaluate.js';
import { truthOf } from './operators.js';
import { filter, isEmpty, toItems } from './values.js';

/** where(criteria) (http://hl7.org/fhirpath/N1/#wherecriteria-expression-collection). */
export function where(of: Evaluate, criteria: Evaluate): Evaluate {
  if (of === NOTHING || criteria === NOTHING) return NOTHING;
  return (item, typeOf) => filter(of(item, typeOf), (candidate) => truthOf(criteria(candidate, typeOf)) === true);
}

/**
 * exists() (http://hl7.org/fhirpath/N1/#existscriteria-expression-boolean). A primitive that has extensions but no
 * value counts as absent.
 */
export function exists(of: Evaluate): Evaluate {
  return (item, typeOf) => !isEmpty(of(item, typeOf));
}

/** empty() (http://hl7.org/fhirpath/N1/#empty-boolean). */
export function empty(of: Evaluate): Evaluate {
  return (item, typeOf) => isEmpty(of(item, typeOf));
}

/** not() (http://hl7.org/fhirpath/N1/#not-boolean). */
export function not(of: Evaluate): Evaluate {
  return (item, typeOf) => {
    const truth = truthOf(of(item, typeOf));
    return truth === undefined ? undefined : !truth;
  };
}

/** first() (http://hl7.org/fhirpath/N1/#first-collection). */
export function first(of: Evaluate): Evaluate {
  return of === NOTHING ? NOTHING : (item, typeOf) => toItems(of(item, typeOf))[0];
}
