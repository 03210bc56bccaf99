import { distinct } from './distinct.js';
import { type Evaluate, NOTHING } from './evaluate.js';
import { type BooleanOperator, type EqualityOperator, type Literal } from './expression.js';
import { type Collection, concatenate, isEmpty, toItems, toSingle } from './values.js';

/** A Boolean of FHIRPath's three-valued logic; undefined is the empty collection. */
export type Truth = boolean | undefined;

/**
 * A collection where a Boolean is wanted (http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections): one item
 * that is no Boolean counts as true. Several items are an error of the expression, here undefined.
 */
export function truthOf(collection: Collection): Truth {
  const single = toSingle(collection);
  if (single === undefined) return undefined;
  return typeof single === 'boolean' ? single : true;
}

/** `|` over all its terms at once (http://hl7.org/fhirpath/N1/#union-collections). */
export function union(terms: readonly Evaluate[]): Evaluate {
  const [first = NOTHING, ...rest] = terms.filter((term) => term !== NOTHING);
  if (rest.length === 0) return first === NOTHING ? NOTHING : (item, typeOf) => distinct(first(item, typeOf));
  return (item, typeOf) => {
    let result = first(item, typeOf);
    for (const term of rest) result = concatenate(result, term(item, typeOf));
    return distinct(result);
  };
}

/** `=` and `!=` against a literal (http://hl7.org/fhirpath/N1/#equality): several items never equal one. */
export function equality(operator: EqualityOperator, of: Evaluate, literal: Literal): Evaluate {
  const whenEqual = operator === '=';
  return (item, typeOf) => {
    const collection = of(item, typeOf);
    if (isEmpty(collection)) return undefined;
    return (toSingle(collection) === literal) === whenEqual;
  };
}

/** Truth tables of http://hl7.org/fhirpath/N1/#boolean-logic. */
const TABLES: Readonly<Record<BooleanOperator, (left: Truth, right: Truth) => Truth>> = {
  and: (left, right) => (left === false || right === false ? false : left === undefined ? undefined : right),
  or: (left, right) => (left === true || right === true ? true : left === undefined ? undefined : right),
  xor: (left, right) => (left === undefined || right === undefined ? undefined : left !== right),
  implies: (left, right) => (left === false || right === true ? true : left === undefined ? undefined : right),
};

export function booleanOperator(operator: BooleanOperator, left: Evaluate, right: Evaluate): Evaluate {
  const table = TABLES[operator];
  return (item, typeOf) => table(truthOf(left(item, typeOf)), truthOf(right(item, typeOf)));
}

/** The item at `index`, counted from 0 (http://hl7.org/fhirpath/N1/#index-integer-collection). */
export function itemAt(of: Evaluate, index: number): Evaluate {
  return of === NOTHING ? NOTHING : (item, typeOf) => toItems(of(item, typeOf))[index];
}
