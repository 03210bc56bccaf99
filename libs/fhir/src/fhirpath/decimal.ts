const TEXT = Symbol('text');

/**
 * A JSON number that JavaScript's own number would not give back digit for digit: 1.50, 12345678901234567890, 1e3.
 * FHIR wants them kept (http://hl7.org/fhir/R4/json.html#primitive). No member of it can be reached by a path.
 */
export class Decimal {
  /** @param text a JSON number. */
  constructor(text: string) {
    Object.defineProperty(this, TEXT, { value: text });
    Object.freeze(this);
  }

  /** The digits as they were written. */
  toString(): string {
    return (this as unknown as { [TEXT]: string })[TEXT];
  }

  /** The nearest number. */
  valueOf(): number {
    return Number(this.toString());
  }

  /** JSON.stringify cannot write the digits as they are: this loses them. */
  toJSON(): number {
    return this.valueOf();
  }
}

/** A value that is a number: JavaScript's own where that loses nothing. */
export type Numeric = number | Decimal;

export function isNumeric(value: unknown): value is Numeric {
  return typeof value === 'number' || value instanceof Decimal;
}

/** A number by its digits: a Decimal where JavaScript's own would write them otherwise. */
export function numericOf(text: string): Numeric {
  const value = Number(text);
  return String(value) === text ? value : new Decimal(text);
}

/** `digits` × 10 ** -`scale`. */
interface Exact {
  digits: bigint;
  scale: number;
}

/** Exponents beyond these are out of any measurement; a bound keeps the integers below small. */
const MAX_EXPONENT = 400;

/** Significant digits of a result that has endlessly many, as fhirpath.js keeps them with preciseMath. */
const PRECISION = 31;

const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** undefined for NaN, the infinities and exponents beyond all measure. */
function exactOf(value: Numeric): Exact | undefined {
  const [, sign, whole, fraction = '', exponent = '0'] = PARTS.exec(String(value)) ?? [];
  if (whole === undefined || Math.abs(Number(exponent)) > MAX_EXPONENT) return undefined;
  return { digits: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length - Number(exponent) };
}

function shift({ digits, scale }: Exact, to: number): bigint {
  return digits * 10n ** BigInt(to - scale);
}

function aligned(left: Exact, right: Exact): [bigint, bigint, number] {
  const scale = Math.max(left.scale, right.scale);
  return [shift(left, scale), shift(right, scale), scale];
}

/** Negative, zero or positive as `left` is less than, equal to or greater than `right`; undefined where none can be said. */
export function compareNumerics(left: Numeric, right: Numeric): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left === right ? 0 : left < right ? -1 : 1;
  const [a, b] = [exactOf(left), exactOf(right)];
  if (!a || !b) return undefined;
  const [x, y] = aligned(a, b);
  return x === y ? 0 : x < y ? -1 : 1;
}

export type ArithmeticOperator = '+' | '-' | '*' | '/';

/**
 * Decimal arithmetic without rounding, but for results of more than 31 significant digits
 * (http://hl7.org/fhirpath/N1/#math). Undefined for a division by zero.
 */
export function calculate(operator: ArithmeticOperator, left: Numeric, right: Numeric): Numeric | undefined {
  const [a, b] = [exactOf(left), exactOf(right)];
  if (!a || !b) return undefined;
  switch (operator) {
    case '*':
      return rounded({ digits: a.digits * b.digits, scale: a.scale + b.scale });
    case '/':
      return quotient(a, b);
    default: {
      const [x, y, scale] = aligned(a, b);
      return rounded({ digits: operator === '+' ? x + y : x - y, scale });
    }
  }
}

function quotient(a: Exact, b: Exact): Numeric | undefined {
  if (b.digits === 0n) return undefined;
  const more = PRECISION + 2 + Math.max(0, String(b.digits).length - String(a.digits).length);
  const digits = a.digits * 10n ** BigInt(more);
  // A last digit that is not zero stands for all that follows: it keeps a half from being taken for exact.
  const rest = digits % b.digits === 0n ? 0n : 1n;
  const scaled = (digits / b.digits) * 10n;
  return rounded({ digits: scaled < 0n ? scaled - rest : scaled + rest, scale: a.scale - b.scale + more + 1 });
}

/** Half away from zero, as decimal.js does by default. */
function rounded({ digits, scale }: Exact): Numeric {
  const excess = String(digits < 0n ? -digits : digits).length - PRECISION;
  if (excess <= 0) return fromExact(digits, scale);
  const unit = 10n ** BigInt(excess);
  const half = digits < 0n ? -(unit / 2n) : unit / 2n;
  return fromExact((digits + half) / unit, scale - excess);
}

/** Without zeros at the end. */
function fromExact(digits: bigint, scale: number): Numeric {
  if (digits === 0n) return 0;
  while (digits % 10n === 0n) [digits, scale] = [digits / 10n, scale - 1];
  const text = scale <= 0 ? String(digits * 10n ** BigInt(-scale)) : fractional(digits, scale);
  return numericOf(text);
}

function fractional(digits: bigint, scale: number): string {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  return `${digits < 0n ? '-' : ''}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

/** The bounds of what a decimal of that many digits stands for: half a unit of its last digit to either side. */
export function decimalBoundary(value: Numeric, side: 'low' | 'high'): Numeric | undefined {
  const exact = exactOf(value);
  if (!exact) return undefined;
  const scale = Math.max(exact.scale, 0) + 1;
  return fromExact(shift(exact, scale) + (side === 'low' ? -5n : 5n), scale);
}

/** The number × 10 ** `scale` as an integer, half away from zero; undefined for numbers beyond all measure. */
export function numericScaled(value: Numeric, scale: number): bigint | undefined {
  const exact = exactOf(value);
  if (!exact) return undefined;
  const excess = exact.scale - scale;
  if (excess <= 0) return shift(exact, scale);
  const unit = 10n ** BigInt(excess);
  return (exact.digits + (exact.digits < 0n ? -(unit / 2n) : unit / 2n)) / unit;
}
