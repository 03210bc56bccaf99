import { isResourceId, parseReference, parseTokenParam, searchParametersOf, splitOr } from '@chartledger/fhir';
import { BadRequestError, FhirError } from '@chartledger/platform';
import { type Token, type Tokens } from '@chartledger/security';
import { identifierQuestion, referenceToken } from '../record-tokens.js';
import { type Condition } from '../record-search.queries.js';

/** Matches on a page when `_count` does not say. */
const DEFAULT_COUNT = 50;
/** A page is made in memory. */
const MAX_COUNT = 1000;

export const SEARCH_REFERENCES: readonly string[] = ['patient', 'subject'];
/** Parameters that change nothing in the matches. */
const IGNORED = new Set(['_format', '_pretty']);

export interface SearchRequest {
  conditions: Condition[];
  count: number;
  asOf: string | undefined;
  afterId: string;
  /** Parameters that this server does not know, or not for this type: reported, never silently left out. */
  unknown: string[];
}

/**
 * Reads the query of a search (http://hl7.org/fhir/R4/search.html).
 * @throws FhirError (400) for a value that cannot be honoured.
 */
export function readSearch(tokens: Tokens, source: string, type: string, query: URLSearchParams): SearchRequest {
  const request: SearchRequest = { conditions: [], count: DEFAULT_COUNT, asOf: undefined, afterId: '', unknown: [] };
  for (const [name, value] of query) {
    if (name === '_count') request.count = readCount(value);
    else if (name === '_asOf') request.asOf = once(request.asOf, value);
    else if (name === '_page') request.afterId = readPage(value);
    else if (!IGNORED.has(name)) {
      const condition = readCondition(tokens, source, type, name, value);
      if (condition) request.conditions.push(condition);
      else request.unknown.push(name);
    }
  }
  return request;
}

function once(before: string | undefined, value: string): string {
  if (before !== undefined) throw FhirError.of(400, 'invalid', '_asOf may be given once');
  return value;
}

/** `_count`, at most MAX_COUNT. */
export function readCount(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw FhirError.of(400, 'value', '_count must be a whole number');
  return Math.min(Number(value), MAX_COUNT);
}

/** The token of a next link: the id that the page before ended with. */
export function pageToken(lastId: string): string {
  return Buffer.from(lastId).toString('base64url');
}

function readPage(value: string): string {
  const id = Buffer.from(value, 'base64url').toString();
  if (!isResourceId(id)) throw new BadRequestError('_page must be taken from the next link of a page');
  return id;
}

function readCondition(
  tokens: Tokens,
  source: string,
  type: string,
  name: string,
  value: string,
): Condition | undefined {
  if (name === '_id') return { kind: 'ids', ids: splitOr(value) };
  const known = searchParametersOf(type).has(name);
  if (known && name === 'identifier')
    return { kind: 'identifiers', tokens: splitOr(value).map((one) => identifierToken(tokens, source, type, one)) };
  if (known && SEARCH_REFERENCES.includes(name)) {
    return {
      kind: 'references',
      tokens: splitOr(value).flatMap((one) => referenceTokens(tokens, source, type, name, one)),
    };
  }
  return undefined;
}

function identifierToken(tokens: Tokens, source: string, type: string, value: string): Token {
  const parsed = parseTokenParam(value);
  const token = parsed && identifierQuestion(tokens, source, type, parsed);
  if (!token) throw FhirError.of(400, 'value', 'identifier must be system|value, |value or value');
  return token;
}

/** `Type/id`, or an id alone, which may be of any type that the parameter can point to. */
function referenceTokens(tokens: Tokens, source: string, type: string, name: string, value: string): Token[] {
  const reference = parseReference(value);
  if (reference.kind === 'relative' && reference.version === undefined) {
    return [referenceToken(tokens, source, type, name, `${reference.type}/${reference.id}`)];
  }
  if (!isResourceId(value)) throw FhirError.of(400, 'value', `${name} must be Type/id or an id`);
  const targets = searchParametersOf(type).get(name)?.definition.target ?? [];
  return targets.map((target) => referenceToken(tokens, source, type, name, `${target}/${value}`));
}
