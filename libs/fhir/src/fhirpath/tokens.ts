import { OutsideSubset } from './outside-subset.js';

export type Token =
  | { kind: 'name'; text: string; quoted: boolean }
  | { kind: 'string'; text: string }
  | { kind: 'number'; text: string }
  | { kind: 'variable'; name: string }
  | { kind: 'symbol'; text: string }
  | { kind: 'end' };

/**
 * Upper bound of an expression's tokens. R4's longest search expression has 325; a bound keeps the compiler's stack
 * flat.
 */
export const MAX_TOKENS = 2_000;

/** One alternative a token; sticky, so that a text which is none of them is found where it stands. */
const TOKEN = new RegExp(
  [
    /(?<space>\s+|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/)/,
    /(?<name>[A-Za-z_][A-Za-z0-9_]*)/,
    /`(?<quoted>(?:[^`\\]|\\.)+)`/,
    /'(?<string>(?:[^'\\]|\\.)*)'/,
    /(?<number>[0-9]+(?:\.[0-9]+)?)/,
    /%(?<variable>[A-Za-z_][A-Za-z0-9_]*)/,
    /(?<symbol>\$this|!=|<=|>=|[.,()[\]|=<>+*/-])/,
  ]
    .map((part) => part.source)
    .join('|'),
  'y',
);

/**
 * The tokens of an expression, ended by one `end` (http://hl7.org/fhirpath/N1/#lexical-elements). Dates, quantities
 * and the operators that the subset lacks are not tokens.
 * @throws OutsideSubset at the first text that is no token.
 */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(expression)?.groups;
    if (!groups) throw new OutsideSubset(`no token at ${at}`);
    if (groups.space !== undefined) continue;
    tokens.push(tokenOf(groups));
    if (tokens.length > MAX_TOKENS) throw new OutsideSubset(`more than ${MAX_TOKENS} tokens`);
  }
  tokens.push({ kind: 'end' });
  return tokens;
}

function tokenOf(groups: Record<string, string | undefined>): Token {
  if (groups.name !== undefined) return { kind: 'name', text: groups.name, quoted: false };
  if (groups.quoted !== undefined) return { kind: 'name', text: unescape(groups.quoted), quoted: true };
  if (groups.string !== undefined) return { kind: 'string', text: unescape(groups.string) };
  if (groups.number !== undefined) return { kind: 'number', text: groups.number };
  if (groups.variable !== undefined) return { kind: 'variable', name: groups.variable };
  return { kind: 'symbol', text: groups.symbol as string };
}

const ESCAPES: Readonly<Record<string, string>> = { f: '\f', n: '\n', r: '\r', t: '\t' };

/** Escape sequences of strings and delimited identifiers (http://hl7.org/fhirpath/N1/#string). */
function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (sequence, hex: string | undefined, character: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if ('\'"`/\\'.includes(character)) return character;
    const escaped = ESCAPES[character];
    if (escaped === undefined) throw new OutsideSubset(`the escape sequence ${sequence}`);
    return escaped;
  });
}
