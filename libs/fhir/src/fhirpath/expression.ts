import { type ArithmeticOperator, type Numeric } from './decimal.js';

/** The value of a literal of the subset. */
export type Literal = string | Numeric | boolean;

export type BooleanOperator = 'and' | 'or' | 'xor' | 'implies';
export type EqualityOperator = '=' | '!=';
export type OrderOperator = '<' | '<=' | '>' | '>=';

/** An expression of the subset as a tree. What a path starts from without saying so is `this`. */
export type Expression =
  | { kind: 'this' }
  | { kind: 'literal'; value: Literal; type: string }
  | { kind: 'variable'; name: string }
  | { kind: 'member'; of: Expression; name: string }
  | { kind: 'index'; of: Expression; index: Expression }
  | { kind: 'call'; of: Expression; name: string; arguments: Expression[] }
  | { kind: 'type'; operator: 'is' | 'as'; of: Expression; type: string }
  | { kind: 'union'; left: Expression; right: Expression }
  | { kind: 'arithmetic'; operator: ArithmeticOperator; left: Expression; right: Expression }
  | { kind: 'order'; operator: OrderOperator; left: Expression; right: Expression }
  | { kind: 'equality'; operator: EqualityOperator; left: Expression; right: Expression }
  | { kind: 'boolean'; operator: BooleanOperator; left: Expression; right: Expression };

/** `A | B | C` as its terms in the order of the text. */
export function unionTerms(expression: Expression): Expression[] {
  const terms: Expression[] = [];
  let rest = expression;
  while (rest.kind === 'union') {
    terms.push(rest.right);
    rest = rest.left;
  }
  terms.push(rest);
  return terms.reverse();
}

/** The type that an expression in the place of a type specifier names: `Quantity`, `FHIR.Quantity`; else undefined. */
export function typeName(expression: Expression): string | undefined {
  if (expression.kind !== 'member') return undefined;
  const { of, name } = expression;
  if (of.kind === 'this') return name;
  return of.kind === 'member' && of.of.kind === 'this' && of.name === 'FHIR' ? name : undefined;
}
