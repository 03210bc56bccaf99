import { compareNumerics, isNumeric } from './decimal.js';
import { isSameJson } from './distinct.js';
import { type Evaluate } from './evaluate.js';
import { type EqualityOperator, type OrderOperator } from './expression.js';
import { OutsideSubset } from './outside-subset.js';
import { pairOf } from './single.js';
import { type Category } from './static-types.js';
import { compareTimes } from './time.js';
import { type Collection, toItems } from './values.js';

type Sides = readonly [Category | undefined, Category | undefined];

/** Whether two items are equal; undefined where FHIRPath cannot say. */
type SameItems = (left: unknown, right: unknown) => boolean | undefined;

/** `=` and `!=` (http://hl7.org/fhirpath/N1/#equality): all items in their order; several items never equal one. */
export function equality(
  operator: EqualityOperator,
  left: Evaluate,
  right: Evaluate,
  { categories, hasLiteral }: { categories: Sides; hasLiteral: boolean },
): Evaluate {
  const whenEqual = operator === '=';
  const same = sameItems(categories, hasLiteral);
  return (item, environment) => {
    const truth = equalCollections(left(item, environment), right(item, environment), same);
    return truth === undefined ? undefined : truth === whenEqual;
  };
}

/** A string never equals a time, which is written `@2020-01-01`: FHIRPath converts the one to the other nowhere. */
function sameItems([left, right]: Sides, hasLiteral: boolean): SameItems {
  if (left === 'time' && right === 'time') return (a, b) => ifKnown(compareTimes(a, b), (order) => order === 0);
  if ((left === 'time' && right === 'string') || (left === 'string' && right === 'time')) return () => false;
  if (left === 'time' || right === 'time') throw new OutsideSubset('equality of a time and what is no text');
  if (hasLiteral) return isSame;
  if (left === undefined || right === undefined || left === 'complex' || right === 'complex')
    throw new OutsideSubset('equality of what is of no known type');
  return isSame;
}

function isSame(left: unknown, right: unknown): boolean {
  return left === right || isSameJson(left, right);
}

function equalCollections(left: Collection, right: Collection, same: SameItems): boolean | undefined {
  if (!Array.isArray(left) && !Array.isArray(right)) {
    if (left === undefined || left === null || right === undefined || right === null) return undefined;
    return same(left, right);
  }
  const [ofLeft, ofRight] = [toItems(left), toItems(right)];
  if (ofLeft.length === 0 || ofRight.length === 0) return undefined;
  if (ofLeft.length !== ofRight.length) return false;
  let truth: boolean | undefined = true;
  for (const [index, value] of ofLeft.entries()) {
    const equal = same(value, ofRight[index]);
    if (equal === false) return false;
    if (equal === undefined) truth = undefined;
  }
  return truth;
}

const HOLDS: Readonly<Record<OrderOperator, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** `<`, `<=`, `>`, `>=` of two single items (http://hl7.org/fhirpath/N1/#comparison). */
export function order(
  operator: OrderOperator,
  left: Evaluate,
  right: Evaluate,
  ofLeft: Category | undefined,
  ofRight: Category | undefined,
): Evaluate {
  const compare = ofLeft !== undefined && ofLeft === ofRight ? COMPARE[ofLeft] : undefined;
  if (!compare) throw new OutsideSubset('the order of what is of no known type');
  const holds = HOLDS[operator];
  return (item, environment) => {
    const pair = pairOf(left(item, environment), right(item, environment), environment);
    return pair && ifKnown(compare(...pair), holds);
  };
}

const COMPARE: Readonly<Partial<Record<Category, (left: unknown, right: unknown) => number | undefined>>> = {
  number: (left, right) => (isNumeric(left) && isNumeric(right) ? compareNumerics(left, right) : undefined),
  string: (left, right) => {
    if (typeof left !== 'string' || typeof right !== 'string') return undefined;
    return left === right ? 0 : left < right ? -1 : 1;
  },
  time: compareTimes,
};

function ifKnown(order: number | undefined, holds: (order: number) => boolean): boolean | undefined {
  return order === undefined ? undefined : holds(order);
}
