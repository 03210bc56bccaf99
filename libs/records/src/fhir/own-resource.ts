import {
  isResourceType,
  referenceReplacements,
  replace,
  scanResource,
  type SearchParameterType,
} from '@chartledger/fhir';
import { DECISION_KINDS, type EntryKind } from '@chartledger/ledger';
import { type Actor } from '@chartledger/platform';
import { type Condition } from '../record-search.queries.js';
import { isSourceName } from '../sources/source-directory.js';
import { type Standpoint } from '../standpoint.js';

/** A search parameter of the system's own records that the part which makes them answers, from a view of its own. */
export interface OwnParameter {
  code: string;
  type: SearchParameterType;
  /** For the CapabilityStatement. */
  documentation: string;
  /**
   * The ids of the records that meet the value, which may be several alternatives with commas between.
   * @param root the server's URL, without a slash at the end.
   * @throws FhirError (400) for a value that cannot be honoured.
   */
  find(actor: Actor, value: string, standpoint: Standpoint, root: string): Promise<string[]>;
}

/** What there is of a resource type under the base of the system's own source; several parts may say something of one. */
export interface OwnResource {
  /** Undefined: what is asked of the base itself. */
  type: string | undefined;
  /** Clients may write it. */
  isWritable?: boolean;
  /** There are no such records here: only operations are asked of the type. */
  isBare?: boolean;
  parameters?: readonly OwnParameter[];
  operations?: readonly OwnOperation[];
  /** What is asked of the type under every other source's base. */
  sourceOperations?: readonly OwnOperation[];
}

export interface OwnOperation {
  name: string;
  /** A canonical URL. */
  definition: string;
  documentation?: string;
}

/** What the parts say, as one for each type. */
export function mergeOwn(parts: readonly OwnResource[]): OwnResource[] {
  const merged = new Map<string | undefined, OwnResource>();
  for (const part of parts) {
    const { type, isWritable = false, isBare = false, parameters = [], operations = [], sourceOperations = [] } = part;
    const before = merged.get(type);
    merged.set(type, {
      type,
      isWritable: isWritable || before?.isWritable,
      isBare: isBare && before?.isBare !== false,
      parameters: [...(before?.parameters ?? []), ...parameters],
      operations: [...(before?.operations ?? []), ...operations],
      sourceOperations: [...(before?.sourceOperations ?? []), ...sourceOperations],
    });
  }
  return [...merged.values()];
}

/** The conditions that the part's own parameters of a query make; each parameter given is one. */
export async function ownConditions(
  actor: Actor,
  { parameters = [] }: Pick<OwnResource, 'parameters'>,
  query: URLSearchParams,
  standpoint: Standpoint,
  root: string,
): Promise<Condition[]> {
  const conditions: Condition[] = [];
  for (const { code, find } of parameters) {
    for (const value of query.getAll(code)) {
      conditions.push({ kind: 'ids', ids: await find(actor, value, standpoint, root) });
    }
  }
  return conditions;
}

/** The query without the part's own parameters: what they ask is not asked of the view of records. */
export function withoutOwn(query: URLSearchParams, own: OwnResource | undefined): URLSearchParams {
  const rest = new URLSearchParams(query);
  for (const { code } of own?.parameters ?? []) rest.delete(code);
  return rest;
}

/**
 * The text as it is served: the system's decisions name records of any source as `source/Type/id`, which is a reference
 * only below the server's URL. What clients wrote is left as they wrote it.
 */
export function withAbsoluteReferences(text: Buffer, kind: EntryKind, root: string): Buffer {
  if (!(DECISION_KINDS as readonly string[]).includes(kind)) return text;
  const edits = scanResource(text)
    .references.filter(({ value }) => recordInSource(value) !== undefined)
    .map(({ start, end, value }) => [start, end - start, `${root}/fhir/${value}`] as const);
  return edits.length === 0 ? text : replace(text, referenceReplacements(edits));
}

/** What `source/Type/id` names, as the system's own records do. */
export function recordInSource(text: string): { source: string; type: string; id: string } | undefined {
  const [source, type, id, ...rest] = text.split('/');
  const isRecord = id && isSourceName(source) && isResourceType(type);
  if (!isRecord || (rest.length > 0 && (rest.length !== 2 || rest[0] !== '_history'))) return undefined;
  return { source, type, id };
}

/** The server's URL: a source's base without its path. */
export function rootOf(base: string): string {
  return base.replace(/\/fhir\/[^/]+$/, '');
}
