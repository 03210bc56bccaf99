import { isResourceId } from './resource-id.js';
import { isResourceType } from './resource-types.js';

/** Patient/23 or Patient/23/_history/4: a resource of the server that holds the reference. */
export interface RelativeReference {
  kind: 'relative';
  type: string;
  id: string;
  version?: string;
}

/** http://example.org/fhir/Patient/23: a resource of the RESTful server at `base`, which has no slash at its end. */
export interface AbsoluteReference {
  kind: 'absolute';
  base: string;
  type: string;
  id: string;
  version?: string;
}

/** urn:uuid:… or urn:oid:…: a fullUrl of the Bundle that holds the reference. */
export interface UrnReference {
  kind: 'urn';
  scheme: 'uuid' | 'oid';
  value: string;
}

/** Patient?identifier=…: a search that a transaction resolves. `query` is what follows the question mark. */
export interface ConditionalReference {
  kind: 'conditional';
  type: string;
  query: string;
}

/** #p1: a contained resource; # alone (id '') is the resource that contains. */
export interface FragmentReference {
  kind: 'fragment';
  id: string;
}

/** Any other text: a canonical URL, a URL that is not RESTful, a type or id that R4 does not allow. */
export interface OtherReference {
  kind: 'other';
}

export type ParsedReference =
  RelativeReference | AbsoluteReference | UrnReference | ConditionalReference | FragmentReference | OtherReference;

const OTHER: OtherReference = Object.freeze({ kind: 'other' });
const HISTORY = '/_history/';

/**
 * Tells what the text of Reference.reference points to (http://hl7.org/fhir/R4/references.html#literal, and
 * http://hl7.org/fhir/R4/http.html#trules for conditional references). Types MUST be resource types of R4 and ids MUST
 * have the form of an id, else the kind is `other`. Never throws; nothing is decoded or normalised.
 */
export function parseReference(text: string): ParsedReference {
  if (text.startsWith('#')) return parseFragment(text);
  if (text.startsWith('urn:')) return parseUrn(text);
  const question = text.indexOf('?');
  return question < 0 ? parseRest(text) : parseConditional(text, question);
}

function parseFragment(text: string): FragmentReference | OtherReference {
  const id = text.slice(1);
  return id === '' || isResourceId(id) ? { kind: 'fragment', id } : OTHER;
}

const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const OID = /^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$/;

function parseUrn(text: string): UrnReference | OtherReference {
  if (UUID.test(text)) return { kind: 'urn', scheme: 'uuid', value: text.slice('urn:uuid:'.length) };
  if (OID.test(text)) return { kind: 'urn', scheme: 'oid', value: text.slice('urn:oid:'.length) };
  return OTHER;
}

function parseConditional(text: string, question: number): ConditionalReference | OtherReference {
  const type = text.slice(0, question);
  const query = text.slice(question + 1);
  return query !== '' && isResourceType(type) ? { kind: 'conditional', type, query } : OTHER;
}

function parseRest(text: string): RelativeReference | AbsoluteReference | OtherReference {
  const history = text.lastIndexOf(HISTORY);
  const version = history < 0 ? undefined : text.slice(history + HISTORY.length);
  if (version !== undefined && !isResourceId(version)) return OTHER;
  const path = history < 0 ? text : text.slice(0, history);

  const idSlash = path.lastIndexOf('/');
  const typeSlash = path.lastIndexOf('/', idSlash - 1);
  const type = path.slice(typeSlash + 1, idSlash);
  const id = path.slice(idSlash + 1);
  if (idSlash < 1 || !isResourceType(type) || !isResourceId(id)) return OTHER;

  const place = version === undefined ? { type, id } : { type, id, version };
  if (typeSlash < 0) return { kind: 'relative', ...place };
  const base = path.slice(0, typeSlash);
  return /^https?:\/\/[^/\s]/.test(base) ? { kind: 'absolute', base, ...place } : OTHER;
}
