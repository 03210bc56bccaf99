import { type Limit } from './errors.js';

/** What became of a query that DuckDB did not finish. */
export type QueryFailure =
  /** By the query's fault. `message` never quotes a value of a table or a path. */
  | { kind: 'failed'; message: string; offset?: number }
  | { kind: 'limit'; limit: Limit }
  | { kind: 'interrupted' }
  /** By ours: what DuckDB says is for the log, without its words. */
  | { kind: 'broken'; type: string };

/** These speak of names and types only, and are found before a row is read. */
const TYPES_OF_TEXT = new Set([
  'Parser',
  'Syntax',
  'Binder',
  'Catalog',
  'Parameter Not Resolved',
  'Parameter Not Allowed',
]);

/** These may quote data, as "Could not convert string 'Smith' to INT32" does: other words stand for them. */
const TYPES_OF_DATA: Readonly<Record<string, string>> = {
  Conversion: 'a value cannot be converted to the type asked for: TRY_CAST makes NULL of such values',
  'Mismatch Type': 'the types do not fit: CAST one of them',
  'Out of Range': 'a number is outside of its type: CAST to a larger type (DOUBLE, HUGEINT) before computing',
  Decimal: 'a number is outside of its DECIMAL: CAST to a larger one or to DOUBLE',
  'Divide by Zero': 'a division by zero: NULLIF(divisor, 0) makes NULL of it',
  'Invalid Input':
    'a function does not take what it was given, or a subquery gives more rows than one (DuckDB may quote data in its words, so they are withheld): look at the formats and patterns, or use the function that begins with try_',
  'Invalid type': 'this type cannot be used here: CAST it',
  'Not implemented': 'DuckDB cannot do this combination: write it in another way',
  Expression: 'an expression cannot be computed: write it in another way',
  Executor: 'the query cannot be computed: write it in another way',
  Sequence: 'a range is not valid: look at its start, end and step',
};

const MAX_MESSAGE_CHARACTERS = 400;

/**
 * DuckDB's error, as it is with `errors_as_json`, in words for the analyst.
 *
 * @param database the name that DuckDB gave the file, which is left out.
 * @param own texts that the query itself says by `error('text')`: they are no data.
 */
export function explainError(error: unknown, database: string, own?: ReadonlySet<string>): QueryFailure {
  // A value that is too large for a text or a buffer of JavaScript, or for what is left of the memory.
  if (error instanceof RangeError) return { kind: 'limit', limit: 'memory' };
  const { exception_type: type, exception_message: message, position } = errorFields(error);
  if (type === 'Out of Memory') return { kind: 'limit', limit: 'memory' };
  if (type === 'INTERRUPT' || type === 'Interrupt') return { kind: 'interrupted' };
  const offset = position !== undefined && Number.isSafeInteger(Number(position)) ? { offset: Number(position) } : {};
  if (type === 'Invalid Input' && own?.has(message)) return { kind: 'failed', message: shortened(message, database) };
  if (TYPES_OF_TEXT.has(type)) return { kind: 'failed', message: shortened(message, database), ...offset };
  if (Object.hasOwn(TYPES_OF_DATA, type)) return { kind: 'failed', message: TYPES_OF_DATA[type], ...offset };
  return { kind: 'broken', type };
}

function errorFields(error: unknown): { exception_type: string; exception_message: string; position?: string } {
  const text = error instanceof Error ? error.message : String(error);
  // Errors of preparing have the type before the JSON as well.
  const json = text.slice(Math.max(0, text.indexOf('{"exception_type"')));
  try {
    return JSON.parse(json) as { exception_type: string; exception_message: string; position?: string };
  } catch {
    const type = /^([A-Z][A-Za-z ]+?)(?: Error)?:/.exec(text)?.[1] ?? 'unknown';
    return { exception_type: /bad.?alloc|out of memory/i.test(text) ? 'Out of Memory' : type, exception_message: type };
  }
}

function shortened(message: string, database: string): string {
  const text = message.replaceAll(`${database}.main.`, '').replaceAll(`"${database}".`, '').replace(/\s+/g, ' ').trim();
  return text.length > MAX_MESSAGE_CHARACTERS ? `${text.slice(0, MAX_MESSAGE_CHARACTERS)}…` : text;
}
