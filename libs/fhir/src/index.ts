export { patientParameters, patientReference } from './compartment/patient-compartment.js';
export { boundaryOf, type Side } from './fhirpath/boundary.js';
export {
  compileFhirpath,
  type CompiledFhirpath,
  compilePath,
  type FhirpathOptions,
  type PathEvaluator,
  type PathOptions,
} from './fhirpath/compile-path.js';
export { Decimal, isNumeric, type Numeric, numericOf, numericScaled } from './fhirpath/decimal.js';
export { type Environment } from './fhirpath/evaluate.js';
export { keyOfReference, keyOfResource } from './fhirpath/keys.js';
export { parseLossless } from './fhirpath/parse-lossless.js';
export { type StaticTypes, type Variable } from './fhirpath/scope.js';
export { type Category, categoryOf, elementTypes } from './fhirpath/static-types.js';
export { EvaluationError } from './fhirpath/single.js';
export { parseTime, type Time } from './fhirpath/time.js';
export { toItems } from './fhirpath/values.js';
export { isResourceId, MAX_ID_CHARACTERS } from './reference/resource-id.js';
export { FURTHER_TYPES, isKindOfResource, isResourceType } from './reference/resource-types.js';
export { RESOURCE_TYPES } from './reference/resource-types.table.js';
export { referenceType, type ReferenceTyper } from './reference/reference-type.js';
export { parseReference, type ParsedReference } from './reference/reference-url.js';
export { identifierTokens, type IdentifierToken } from './search/identifier-tokens.js';
export { referenceValues } from './search/reference-values.js';
export {
  SearchParameter,
  type SearchParameterDefinition,
  type SearchParameterType,
} from './search/search-parameter.js';
export { SEARCH_PARAMETERS, searchParametersOf } from './search/search-parameters.js';
export { splitOr, splitUnescaped, unescapeSearchValue } from './search/search-values.js';
export { parseTokenParam, type TokenParam } from './search/token-parameter.js';
export * from './scan/index.js';
export * from './splice/index.js';
