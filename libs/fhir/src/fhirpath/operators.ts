import { type ArithmeticOperator, calculate, isNumeric } from './decimal.js';
import { distinct, distinctTimes } from './distinct.js';
import { type Evaluate, NOTHING } from './evaluate.js';
import { type BooleanOperator } from './expression.js';
import { OutsideSubset } from './outside-subset.js';
import { pairOf, type Truth, truthOf } from './single.js';
import { type Category } from './static-types.js';
import { concatenate, toItems } from './values.js';

/** `|` over all its terms at once (http://hl7.org/fhirpath/N1/#union-collections). */
export function union(terms: readonly Evaluate[], category: Category | undefined): Evaluate {
  const withoutRepeated = category === 'time' ? distinctTimes : distinct;
  const [first = NOTHING, ...rest] = terms.filter((term) => term !== NOTHING);
  if (rest.length === 0)
    return first === NOTHING ? NOTHING : (item, environment) => withoutRepeated(first(item, environment));
  return (item, environment) => {
    let result = first(item, environment);
    for (const term of rest) result = concatenate(result, term(item, environment));
    return withoutRepeated(result);
  };
}

/** `+`, `-`, `*`, `/` of two single items (http://hl7.org/fhirpath/N1/#math); `+` joins strings too. */
export function arithmetic(
  operator: ArithmeticOperator,
  left: Evaluate,
  right: Evaluate,
  ofLeft: Category | undefined,
  ofRight: Category | undefined,
): Evaluate {
  const joins = operator === '+' && ofLeft === 'string';
  if (ofLeft !== ofRight || (ofLeft !== 'number' && !joins))
    throw new OutsideSubset('arithmetic with what is of no known type');
  return (item, environment) => {
    const pair = pairOf(left(item, environment), right(item, environment), environment);
    if (!pair) return undefined;
    const [a, b] = pair;
    if (joins) return typeof a === 'string' && typeof b === 'string' ? a + b : undefined;
    return isNumeric(a) && isNumeric(b) ? calculate(operator, a, b) : undefined;
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
  return (item, environment) =>
    table(truthOf(left(item, environment), environment), truthOf(right(item, environment), environment));
}

/** The item at `index`, counted from 0 (http://hl7.org/fhirpath/N1/#index-integer-collection). */
export function itemAt(of: Evaluate, index: number): Evaluate {
  return of === NOTHING ? NOTHING : (item, environment) => toItems(of(item, environment))[index];
}
