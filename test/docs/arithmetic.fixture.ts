/** A line of an `arithmetic` block: `name = expression = result unit`. */
export interface Line {
  name: string;
  expression: string;
  /** In bytes or seconds where it has a unit of these. */
  result: number;
}

const BLOCK = /^```arithmetic\n([\s\S]*?)^```$/gm;
const LINE = /^([a-z0-9-]+) += (.+?) += ([\d.,]+) ?(\S*)$/;
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  $: 1,
  '/s': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  s: 1,
  h: 3_600,
  days: 86_400,
};

/** The lines of a page's blocks. @throws Error that names a line of another form. */
export function linesOf(page: string): Line[] {
  const lines = [...page.matchAll(BLOCK)].flatMap(([, block]) => block.trimEnd().split('\n'));
  return lines.map((line) => {
    const [, name, expression, digits, unit] = LINE.exec(line) ?? [];
    if (name === undefined || !(unit in UNITS)) throw new Error(`not a line of arithmetic: ${line}`);
    return { name, expression, result: number(digits) * UNITS[unit] };
  });
}

/** The value of an expression of numbers, names, `+ − × /` and parentheses, all apart by spaces. @throws Error for others. */
export function calculate(expression: string, values: ReadonlyMap<string, number>): number {
  const tokens = expression.split(/ +/);
  const value = sum(tokens, values);
  if (tokens.length > 0) throw new Error(`left over: ${tokens.join(' ')}`);
  return value;
}

function sum(tokens: string[], values: ReadonlyMap<string, number>): number {
  let value = product(tokens, values);
  while (tokens[0] === '+' || tokens[0] === '−') {
    value = tokens.shift() === '+' ? value + product(tokens, values) : value - product(tokens, values);
  }
  return value;
}

function product(tokens: string[], values: ReadonlyMap<string, number>): number {
  let value = operand(tokens, values);
  while (tokens[0] === '×' || tokens[0] === '/') {
    value = tokens.shift() === '×' ? value * operand(tokens, values) : value / operand(tokens, values);
  }
  return value;
}

function operand(tokens: string[], values: ReadonlyMap<string, number>): number {
  const token = tokens.shift() ?? '';
  if (token === '(') {
    const value = sum(tokens, values);
    if (tokens.shift() !== ')') throw new Error('a parenthesis is not closed');
    return value;
  }
  const value = values.get(token) ?? number(token);
  if (!Number.isFinite(value)) throw new Error(`neither a number nor the name of a line above: ${token}`);
  return value;
}

function number(digits: string): number {
  return /^[\d.,]+$/.test(digits) ? Number(digits.replaceAll(',', '')) : NaN;
}
