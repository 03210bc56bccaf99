import { searchParametersOf } from './search-parameters.js';

/**
 * What `identifier` searches compare (http://hl7.org/fhir/R4/search.html#token): Identifier.system and
 * Identifier.value.
 */
export interface IdentifierToken {
  system?: string;
  value: string;
}

/**
 * The identifiers by which a resource of type `type` is found with the parameter `identifier`, in its order. Empty for
 * a type that has no such parameter; an Identifier without a value is left out.
 */
export function identifierTokens(type: string, resource: unknown): IdentifierToken[] {
  const identifiers = searchParametersOf(type).get('identifier')?.evaluate?.(resource) ?? [];
  return identifiers.map(tokenOf).filter((token) => token !== undefined);
}

function tokenOf(identifier: unknown): IdentifierToken | undefined {
  if (typeof identifier !== 'object' || identifier === null) return undefined;
  const { system, value } = identifier as { system?: unknown; value?: unknown };
  if (typeof value !== 'string') return undefined;
  return typeof system === 'string' ? { system, value } : { value };
}
