import { RESOURCE_TYPES } from './resource-types.table.js';

/** Types of other standards that the system's own source keeps as if they were R4's. */
export const FURTHER_TYPES: readonly string[] = ['ViewDefinition'];

const TYPES: ReadonlySet<string> = new Set([...RESOURCE_TYPES, ...FURTHER_TYPES]);

/** Resource types that specialise Resource itself (http://hl7.org/fhir/R4/resource.html); all others DomainResource. */
const NOT_DOMAIN: ReadonlySet<string> = new Set(['Binary', 'Bundle', 'Parameters']);

/** Whether `name` is a concrete resource type of FHIR R4, or one of FURTHER_TYPES. */
export function isResourceType(name: string): boolean {
  return TYPES.has(name);
}

/**
 * Whether a resource of type `type` is a `name`, which may be one of the abstract types Resource and DomainResource.
 */
export function isKindOfResource(type: string, name: string): boolean {
  if (name === 'Resource') return true;
  if (name === 'DomainResource') return !NOT_DOMAIN.has(type);
  return type === name;
}
