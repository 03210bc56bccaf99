import { parseTokenParam, type TokenParam } from '@chartledger/fhir';
import { FhirError } from '@chartledger/platform';

/** `identifier=system|value`, the one search that conditional creates and references may use in this version. */
export interface IdentifierCondition {
  type: string;
  token: TokenParam & { value: string };
}

const NAME = 'identifier=';
const memo = new Map<string, IdentifierCondition>();
const MEMO_SIZE = 50_000;

/**
 * Parses the query of If-None-Exist or of a conditional reference.
 * @throws FhirError (400) for any other search; `expression` names the element.
 */
export function parseCondition(type: string, query: string, expression?: string): IdentifierCondition {
  const key = `${type}?${query}`;
  const known = memo.get(key);
  if (known) return known;
  const text = query.startsWith('?') ? query.slice(1) : query;
  const value = text.startsWith(NAME) && !text.includes('&') ? decode(text.slice(NAME.length)) : undefined;
  const token = value === undefined ? undefined : parseTokenParam(value);
  if (!token || token.value === undefined || token.value === '') {
    throw FhirError.of(
      400,
      'not-supported',
      `a condition on ${type} must be identifier=system|value; other searches are not supported here`,
      expression,
    );
  }
  const condition = { type, token: { ...token, value: token.value } };
  if (memo.size >= MEMO_SIZE) memo.clear();
  memo.set(key, condition);
  return condition;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    return undefined;
  }
}

/** Splits `Practitioner?identifier=…` into type and query, or undefined where the text is no conditional reference. */
export function splitConditional(reference: string): { type: string; query: string } | undefined {
  const question = reference.indexOf('?');
  if (
    question <= 0 ||
    reference.startsWith('urn:') ||
    (reference.includes('://', 0) && reference.indexOf('://') < question)
  )
    return undefined;
  return { type: reference.slice(0, question), query: reference.slice(question + 1) };
}
