/** The words of a FHIRPath expression, without what is between quotes. */
export interface PathWords {
  /** Every element that is named, also within conditions. */
  elements: string[];
  /** The last element outside of conditions: what the expression gives, where it is a plain path. */
  last?: string;
  functions: string[];
  /** The types in ofType() and as(). */
  types: string[];
  /** Whether it is elements, conditions and choices of one path only, so that `last` says what it gives. */
  isPlain: boolean;
  /** Whether it is at most counted, compared or chosen between: nothing in it makes a text or a number of another. */
  isCounting: boolean;
}

/** Functions that choose among what a path gives, or join it, and change nothing of its meaning. */
const CHOOSING = new Set([
  'where',
  'first',
  'last',
  'tail',
  'take',
  'skip',
  'single',
  'distinct',
  'join',
  'ofType',
  'as',
  'extension',
]);
/** Functions that tell whether there is something, or how many. */
const COUNTING = new Set(['exists', 'empty', 'count', 'not', 'all', 'iif', 'is', 'isDistinct']);
/** A moment, a text or a sum, or a constant that may be one. */
const DERIVING = /^([&+@]|%(?!rowIndex$|resource$|context$))/;
const TYPE_FUNCTIONS = new Set(['ofType', 'as', 'is']);
const KEYWORDS = new Set(['and', 'or', 'xor', 'implies', 'in', 'contains', 'is', 'as', 'div', 'mod', 'true', 'false']);

const TOKEN =
  /'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|@[\dT:.+-]*Z?|%(?:\w+|`[^`]*`|'[^']*')|\$\w+|\d+(?:\.\d+)?|[A-Za-z_]\w*|\/\/.*|\/\*[\s\S]*?\*\/|\S/g;

/** Reads a FHIRPath expression as far as its words go. Never throws: what it does not understand is not plain. */
export function pathWords(expression: string): PathWords {
  const words: PathWords = { elements: [], functions: [], types: [], isPlain: true, isCounting: true };
  /** For each open parenthesis the function that it belongs to. */
  const open: (string | undefined)[] = [];
  const tokens = [...expression.matchAll(TOKEN)].map(([token]) => token);
  tokens.forEach((token, at) => {
    const isWord = /^[A-Za-z_`]/.test(token);
    if (token === '(') {
      const isCall = CALLED.test(tokens[at - 1] ?? '') && !KEYWORDS_BEFORE_GROUP.has(tokens[at - 1]);
      words.isPlain &&= isCall || open.length > 0;
      open.push(isCall ? tokens[at - 1] : undefined);
    } else if (token === ')') open.pop();
    else if (isWord && tokens[at + 1] === '(' && !KEYWORDS_BEFORE_GROUP.has(token))
      addFunction(words, token, open.length === 0);
    else if (isWord && KEYWORDS.has(token) && endsOperand(tokens[at - 1])) words.isPlain &&= open.length > 0;
    else if (isWord) addElement(words, token.replaceAll('`', ''), open);
    else if (DERIVING.test(token)) words.isPlain = words.isCounting = false;
    else if (!/^['./[\]]/.test(token) && !/^\d+$/.test(token)) words.isPlain &&= open.length > 0 || token === '$this';
  });
  return words;
}

/** The paths of a union, as `(a | b).first()` has two; one of anything else. */
export function alternatives(expression: string): string[] {
  const tokens = [...expression.matchAll(TOKEN)].map(([token]) => token);
  const union = tokens[0] === '(' ? insideOf(tokens) : tokens;
  const parts: string[][] = [[]];
  let depth = 0;
  for (const token of union) {
    if (token === '(' || token === '[') depth++;
    if (token === ')' || token === ']') depth--;
    if (token === '|' && depth === 0) parts.push([]);
    else parts[parts.length - 1].push(token);
  }
  return parts.length === 1 ? [expression] : parts.map((part) => part.join(' '));
}

/** What is between parentheses that are followed by nothing but a choice among what they give; otherwise all of it. */
function insideOf(tokens: readonly string[]): readonly string[] {
  let depth = 0;
  const end = tokens.findIndex((token) => (depth += token === '(' ? 1 : token === ')' ? -1 : 0) === 0);
  const rest = tokens.slice(end + 1).join('');
  return end > 0 && /^(\.(first|last|single|distinct)\(\))*$/.test(rest) ? tokens.slice(1, end) : tokens;
}

/** After an operand a keyword is an operator; elsewhere it is an element of that name, as `div` of a narrative. */
function endsOperand(token: string | undefined): boolean {
  return token !== undefined && /[\w)\]'`]$/.test(token) && !KEYWORDS.has(token);
}

const CALLED = /^[A-Za-z_]\w*$/;
const KEYWORDS_BEFORE_GROUP = new Set(['and', 'or', 'xor', 'implies', 'in', 'div', 'mod']);

function addFunction(words: PathWords, name: string, isOutside: boolean): void {
  words.functions.push(name);
  if (isOutside && !CHOOSING.has(name)) words.isPlain = false;
  if (!CHOOSING.has(name) && !COUNTING.has(name)) words.isCounting = false;
}

function addElement(words: PathWords, name: string, open: readonly (string | undefined)[]): void {
  if (TYPE_FUNCTIONS.has(open[open.length - 1] ?? '')) {
    words.types.push(name);
    return;
  }
  words.elements.push(name);
  if (open.length === 0) words.last = name;
}
