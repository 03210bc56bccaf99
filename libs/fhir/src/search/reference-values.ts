import { literalReference } from '../fhirpath/types.js';
import { type ReferenceTyper } from '../reference/reference-type.js';
import { searchParametersOf } from './search-parameters.js';

/**
 * The literal references of a reference parameter in a resource of type `type`, as they are written there: the text of
 * Reference.reference, or a canonical (http://hl7.org/fhir/R4/search.html#reference). Empty for a parameter that the
 * type has not or that is no reference; a Reference with an identifier only is left out.
 * @param typeOf tells the type behind references that do not say it, for parameters such as `patient` that keep
 *   references to one type.
 */
export function referenceValues(type: string, code: string, resource: unknown, typeOf?: ReferenceTyper): string[] {
  const parameter = searchParametersOf(type).get(code);
  if (parameter?.type !== 'reference') return [];
  const values = parameter.evaluate?.(resource, typeOf) ?? [];
  return values.map(literalReference).filter((text) => text !== undefined);
}
