import { randomUUID } from 'node:crypto';
import { Decimal } from './decimal.js';

/** A text without these has no number that JSON.parse would change; one with them may have. */
const MAY_LOSE = /[:[,]\s*(?:-0[\s,}\]]|-?(?:\d+\.\d*0[\s,}\]]|\d+(?:\.\d+)?[eE]|[\d.]{16}))/;

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Marks a number that was made a string. Not to be guessed, so no sender's string is taken for one. */
const MARK = `${randomUUID()}:`;

/**
 * JSON.parse, but that numbers which JavaScript would write otherwise become Decimals. As fast as JSON.parse where there
 * is none.
 * @throws SyntaxError
 */
export function parseLossless(text: string): unknown {
  if (!MAY_LOSE.test(text)) return JSON.parse(text);
  let lossy = false;
  const marked = text.replace(STRING_OR_NUMBER, (token) => {
    if (token.startsWith('"') || String(Number(token)) === token) return token;
    lossy = true;
    return `"${MARK}${token}"`;
  });
  return lossy ? unmark(JSON.parse(marked)) : JSON.parse(text);
}

function unmark(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(MARK) ? new Decimal(value.slice(MARK.length)) : value;
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  for (const key of Object.keys(members)) {
    const member = members[key];
    const unmarked = unmark(member);
    if (unmarked !== member) members[key] = unmarked;
  }
  return value;
}
