import { type ArithmeticOperator, type Numeric, numericOf } from './decimal.js';
import {
  type BooleanOperator,
  type EqualityOperator,
  type Expression,
  type OrderOperator,
  typeName,
} from './expression.js';
import { OutsideSubset } from './outside-subset.js';
import { type Token, tokenize } from './tokens.js';

/** Upper bound of parentheses and arguments within each other; R4 needs two. Keeps the parser's stack flat. */
export const MAX_NESTING = 50;

/**
 * Parses an expression of the subset by FHIRPath's grammar and precedence
 * (http://hl7.org/fhirpath/N1/#operator-precedence): invocation and indexer, * and /, + and -, is/as, |, the orders,
 * = and !=, and, or/xor, implies.
 * @throws OutsideSubset
 */
export function parseExpression(text: string): Expression {
  const parser = new Parser(tokenize(text));
  const expression = parser.expression();
  parser.expectEnd();
  return expression;
}

const THIS: Expression = { kind: 'this' };

class Parser {
  private at = 0;
  private nesting = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  expression(): Expression {
    if (++this.nesting > MAX_NESTING) throw new OutsideSubset(`more than ${MAX_NESTING} levels of nesting`);
    const expression = this.implies();
    this.nesting -= 1;
    return expression;
  }

  expectEnd(): void {
    if (this.token.kind !== 'end') throw this.unexpected();
  }

  private implies(): Expression {
    return this.boolean(['implies'], () =>
      this.boolean(['or', 'xor'], () => this.boolean(['and'], () => this.equality())),
    );
  }

  private boolean(operators: readonly BooleanOperator[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const operator = operators.find((word) => this.takeWord(word));
      if (operator === undefined) return left;
      left = { kind: 'boolean', operator, left, right: operand() };
    }
  }

  private equality(): Expression {
    let left = this.order();
    for (;;) {
      const operator = this.takeOneOf<EqualityOperator>('=', '!=');
      if (operator === undefined) return left;
      left = { kind: 'equality', operator, left, right: this.order() };
    }
  }

  private order(): Expression {
    let left = this.union();
    for (;;) {
      const operator = this.takeOneOf<OrderOperator>('<=', '<', '>=', '>');
      if (operator === undefined) return left;
      left = { kind: 'order', operator, left, right: this.union() };
    }
  }

  private union(): Expression {
    let left = this.type();
    while (this.takeSymbol('|')) left = { kind: 'union', left, right: this.type() };
    return left;
  }

  private type(): Expression {
    let of = this.sum();
    for (;;) {
      const operator = (['is', 'as'] as const).find((word) => this.takeWord(word));
      if (operator === undefined) return of;
      of = { kind: 'type', operator, of, type: this.typeSpecifier() };
    }
  }

  private sum(): Expression {
    return this.arithmetic(['+', '-'], () => this.arithmetic(['*', '/'], () => this.path()));
  }

  private arithmetic(operators: readonly ArithmeticOperator[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const operator = this.takeOneOf(...operators);
      if (operator === undefined) return left;
      left = { kind: 'arithmetic', operator, left, right: operand() };
    }
  }

  private typeSpecifier(): string {
    const first = this.name();
    const specifier: Expression = { kind: 'member', of: THIS, name: first };
    const type = typeName(this.takeSymbol('.') ? { kind: 'member', of: specifier, name: this.name() } : specifier);
    if (type === undefined) throw new OutsideSubset('a type that is not one of FHIR');
    return type;
  }

  private path(): Expression {
    let of = this.term();
    for (;;) {
      if (this.takeSymbol('.')) of = this.invocation(of);
      else if (this.takeSymbol('[')) of = this.indexer(of);
      else return of;
    }
  }

  private term(): Expression {
    const token = this.token;
    if (token.kind === 'string') return this.literal(token.text, 'string');
    if (token.kind === 'number') return this.literal(numericOf(token.text), numberType(token.text));
    if (token.kind === 'variable') return this.variable(token.name);
    if (this.takeWord('true')) return { kind: 'literal', value: true, type: 'boolean' };
    if (this.takeWord('false')) return { kind: 'literal', value: false, type: 'boolean' };
    if (this.takeSymbol('$this')) return THIS;
    if (!this.takeSymbol('(')) return this.invocation(THIS);
    const inner = this.expression();
    this.expectSymbol(')');
    return inner;
  }

  private literal(value: string | Numeric, type: string): Expression {
    this.at += 1;
    return { kind: 'literal', value, type };
  }

  private variable(name: string): Expression {
    this.at += 1;
    return { kind: 'variable', name };
  }

  private invocation(of: Expression): Expression {
    const name = this.name();
    if (!this.takeSymbol('(')) return { kind: 'member', of, name };
    const passed: Expression[] = [];
    if (!this.takeSymbol(')')) {
      do passed.push(this.expression());
      while (this.takeSymbol(','));
      this.expectSymbol(')');
    }
    return { kind: 'call', of, name, arguments: passed };
  }

  private indexer(of: Expression): Expression {
    const index = this.expression();
    this.expectSymbol(']');
    return { kind: 'index', of, index };
  }

  /** Any name: FHIRPath's keywords is, as, contains and in are also names of elements and functions. */
  private name(): string {
    const token = this.token;
    if (token.kind !== 'name') throw this.unexpected();
    this.at += 1;
    return token.text;
  }

  private get token(): Token {
    return this.tokens[this.at] as Token;
  }

  private takeWord(word: string): boolean {
    const token = this.token;
    return this.takeIf(token.kind === 'name' && !token.quoted && token.text === word);
  }

  private takeSymbol(symbol: string): boolean {
    const token = this.token;
    return this.takeIf(token.kind === 'symbol' && token.text === symbol);
  }

  private takeOneOf<T extends string>(...symbols: readonly T[]): T | undefined {
    return symbols.find((symbol) => this.takeSymbol(symbol));
  }

  private takeIf(matches: boolean): boolean {
    if (matches) this.at += 1;
    return matches;
  }

  private expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected();
  }

  private unexpected(): OutsideSubset {
    return new OutsideSubset(`unexpected ${this.token.kind} as token ${this.at}`);
  }
}

function numberType(text: string): string {
  return text.includes('.') ? 'decimal' : 'integer';
}
