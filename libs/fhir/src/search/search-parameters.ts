import { RESOURCE_TYPES } from '../reference/resource-types.table.js';
import { isKindOfResource } from '../reference/resource-types.js';
import { SearchParameter, type SearchParameterDefinition, type SearchParameterType } from './search-parameter.js';
import { SEARCH_PARAMETER_TABLE } from './search-parameters.table.js';

/** What * stands for in the table. */
const ANY_TARGET: readonly string[] = RESOURCE_TYPES.filter((type) => type !== 'Parameters');

/** Every search parameter of R4, in the order of its definitions. */
export const SEARCH_PARAMETERS: readonly SearchParameterDefinition[] = SEARCH_PARAMETER_TABLE.trim()
  .split('\n')
  .map(definitionOf);

function definitionOf(line: string): SearchParameterDefinition {
  const [id = '', code = '', type = '', base = '', target = '', expression = ''] = line
    .split(';')
    .map((field) => field.trim());
  return {
    id,
    code,
    type: type as SearchParameterType,
    base: base.split(' '),
    target: target === '*' ? ANY_TARGET : target.split(' ').filter((name) => name !== ''),
    expression,
  };
}

const byType = new Map<string, ReadonlyMap<string, SearchParameter>>();
const NONE: ReadonlyMap<string, SearchParameter> = new Map();

/**
 * The search parameters of a resource type by code, those of Resource and DomainResource among them
 * (http://hl7.org/fhir/R4/search.html#all). Made when first asked for and the same map after that; empty for a name
 * that is no resource type of R4.
 */
export function searchParametersOf(type: string): ReadonlyMap<string, SearchParameter> {
  const known = byType.get(type);
  if (known) return known;
  if (!RESOURCE_TYPES.includes(type)) return NONE;
  const parameters = new Map(
    SEARCH_PARAMETERS.filter(({ base }) => base.some((name) => isKindOfResource(type, name))).map((definition) => [
      definition.code,
      new SearchParameter(definition, type),
    ]),
  );
  byType.set(type, parameters);
  return parameters;
}
