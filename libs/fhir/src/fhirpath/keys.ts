import { parseReference } from '../reference/reference-url.js';
import { type Environment, type Evaluate } from './evaluate.js';
import { literalReference } from './types.js';
import { flatMap } from './values.js';

/**
 * getResourceKey() of SQL on FHIR: what joins the rows of one view to those of another, `Patient/23`. With a source in
 * the environment `st-mary/Patient/23`, since ids are unique in one source only.
 */
export function resourceKey(of: Evaluate): Evaluate {
  return (item, environment) => flatMap(of(item, environment), (found) => keyOfResource(found, environment));
}

export function keyOfResource(resource: unknown, environment: Environment): string | undefined {
  const { resourceType, id } = (resource ?? {}) as { resourceType?: unknown; id?: unknown };
  if (typeof resourceType !== 'string' || typeof id !== 'string') return undefined;
  return inSource(`${resourceType}/${id}`, environment);
}

/**
 * getReferenceKey() of SQL on FHIR: the key of the resource that a Reference points to, where its text says one, and one
 * of `type` where that is given. A URL counts as the resource of its last two steps, as in the reference implementation.
 */
export function referenceKey(of: Evaluate, type: string | undefined): Evaluate {
  return (item, environment) => flatMap(of(item, environment), (found) => keyOfReference(found, type, environment));
}

/** SOURCE/Patient/23, as the links of a Person name records of any source. */
const IN_A_SOURCE = /^([a-z0-9][a-z0-9-]*)\/([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})$/;

export function keyOfReference(
  reference: unknown,
  type: string | undefined,
  environment: Environment,
): string | undefined {
  const text = literalReference(reference);
  if (text === undefined) return undefined;
  const parsed = parseReference(text);
  if (parsed.kind === 'relative' || parsed.kind === 'absolute') {
    return type === undefined || parsed.type === type
      ? inSource(`${parsed.type}/${parsed.id}`, environment)
      : undefined;
  }
  const [, source, key] = IN_A_SOURCE.exec(text) ?? [];
  if (key === undefined || (type !== undefined && !key.startsWith(`${type}/`))) return undefined;
  return `${source}/${key}`;
}

function inSource(key: string, { source }: Environment): string {
  return source === undefined ? key : `${source}/${key}`;
}
