/** Why a query is refused, and where in its text. */
export interface Problem {
  kind: 'syntax' | 'statement' | 'table' | 'function' | 'type' | 'parameter' | 'construct' | 'size';
  /** What is wrong and what to do. Quotes names of the query, never a value of a table. */
  message: string;
  /** In bytes of the query's UTF-8 text, where it is known. */
  offset?: number;
}

/** Longer names are cut in messages. */
const MAX_NAME_CHARACTERS = 60;

/** A name of the query as it is quoted in a message. */
export function quoted(name: string): string {
  const characters = [...name.replace(/\p{Cc}/gu, ' ')];
  return characters.length > MAX_NAME_CHARACTERS
    ? `"${characters.slice(0, MAX_NAME_CHARACTERS).join('')}…"`
    : `"${name}"`;
}

/** The message with its place, as `line 2, column 5: …`. Columns count characters from 1. */
export function describeProblem(sql: string, { message, offset }: Pick<Problem, 'message' | 'offset'>): string {
  if (offset === undefined) return message;
  const before = Buffer.from(sql).subarray(0, offset).toString();
  const lines = before.split('\n');
  return `line ${lines.length}, column ${[...lines[lines.length - 1]].length + 1}: ${message}`;
}
