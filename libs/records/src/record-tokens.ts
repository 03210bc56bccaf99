import { type IdentifierToken, type TokenParam } from '@chartledger/fhir';
import { type Token, type Tokens } from '@chartledger/security';

/** The token under which `?code=Type/id` finds a resource of the type. */
export function referenceToken(tokens: Tokens, source: string, type: string, code: string, target: string): Token {
  return tokens.of('reference', source, type, code, target);
}

/**
 * The tokens of an identifier, one for each form of the question (http://hl7.org/fhir/R4/search.html#token):
 * `system|value` or, without a system, `|value`; and `value` alone, whatever the system.
 */
export function identifierForms(
  tokens: Tokens,
  source: string,
  type: string,
  { system, value }: IdentifierToken,
): Token[] {
  return [tokens.of('identifier', source, type, system ?? '', value), tokens.of('value', source, type, value)];
}

/** The token of a question, or undefined for `system|`, which no token answers. */
export function identifierQuestion(
  tokens: Tokens,
  source: string,
  type: string,
  { system, value }: TokenParam,
): Token | undefined {
  if (value === undefined) return undefined;
  return system === undefined
    ? tokens.of('value', source, type, value)
    : tokens.of('identifier', source, type, system, value);
}
