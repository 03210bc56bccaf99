import { isResourceId, isResourceType } from '@chartledger/fhir';
import { FhirError } from '@chartledger/platform';
import {
  type AboutPage,
  type AboutQuestion,
  bundleText,
  type EntryText,
  isSourceName,
  type SourceVersion,
} from '@chartledger/records';
import { v7 as uuidv7 } from 'uuid';

/** What `$everything` is asked (http://hl7.org/fhir/R4/patient-operation-everything.html). */
export interface EverythingQuestion extends AboutQuestion {
  asOf: string | undefined;
}

const DEFAULT_COUNT = 100;
const MAX_COUNT = 1_000;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const KNOWN = ['_type', '_since', '_count', '_page', '_asOf', '_format', '_pretty'];

/** @throws FhirError (400) for what is not known, or cannot be honoured: leaving it out would answer another question. */
export function readEverything(query: URLSearchParams): EverythingQuestion {
  for (const name of new Set(query.keys())) {
    if (!KNOWN.includes(name)) throw refused(name, `$everything takes _type, _since, _count and _asOf`);
    if (name !== '_type' && query.getAll(name).length > 1) throw refused(name, `${name} may be given once`);
  }
  const types = query
    .getAll('_type')
    .flatMap((value) => value.split(','))
    .filter(Boolean);
  if (!types.every(isResourceType)) throw refused('_type', '_type must name resource types of FHIR R4');
  const since = query.get('_since');
  if (since !== null && !INSTANT.test(since)) throw refused('_since', '_since must be an instant with a time zone');
  const count = query.get('_count') ?? String(DEFAULT_COUNT);
  if (!/^[1-9]\d{0,8}$/.test(count)) throw refused('_count', '_count must be a whole number above 0');
  const page = query.get('_page');
  return {
    types,
    sinceMs: since === null ? 0 : Date.parse(since),
    count: Math.min(Number(count), MAX_COUNT),
    asOf: query.get('_asOf') ?? undefined,
    ...(page === null ? {} : { after: readPage(page) }),
  };
}

function refused(name: string, message: string): FhirError {
  return FhirError.of(
    400,
    KNOWN.includes(name) ? 'value' : 'not-supported',
    message,
    KNOWN.includes(name) ? name : undefined,
  );
}

function readPage(token: string): NonNullable<AboutQuestion['after']> {
  const [source, type, id, ...rest] = Buffer.from(token, 'base64url').toString('utf8').split('/');
  if (id === undefined || rest.length > 0 || !isSourceName(source) || !isResourceType(type) || !isResourceId(id))
    throw refused('_page', '_page must be taken from the next link of a page');
  return { source, type, id };
}

/** A page: on the first one the Person is the first entry. The next link asks as of the same moment. */
export function everythingBundle(
  person: { id: string; body: Buffer },
  { records, beside, total, more }: AboutPage,
  { after, count, types }: EverythingQuestion,
  query: URLSearchParams,
  url: string,
  at: string,
  root: string,
): Buffer {
  const isPersonAsked = types.length === 0 || types.includes('Person');
  const entries: EntryText[] = [
    ...(isPersonAsked && !after ? [entry(`${root}/fhir/chartledger/Person/${person.id}`, person.body, 'match')] : []),
    ...records.flatMap((record) => entryOf(record, 'match', root)),
    ...beside.flatMap((record) => entryOf(record, 'include', root)),
  ];
  const link = [{ relation: 'self', url: `${url}${queryText(query, {})}` }];
  const last = records.at(-1);
  if (more && last) {
    const page = Buffer.from(`${last.source}/${last.type}/${last.row.id}`).toString('base64url');
    link.push({
      relation: 'next',
      url: `${url}${queryText(query, { _count: String(count), _page: page, _asOf: at })}`,
    });
  }
  return bundleText({ id: uuidv7(), type: 'searchset', total: total + (isPersonAsked ? 1 : 0), link }, entries);
}

/** None for a record whose key was destroyed. */
function entryOf({ source, type, row, body }: SourceVersion, mode: 'match' | 'include', root: string): EntryText[] {
  return body ? [entry(`${root}/fhir/${source}/${type}/${row.id}`, body, mode)] : [];
}

function entry(fullUrl: string, resource: Buffer, mode: string): EntryText {
  return { fullUrl, resource, rest: { search: { mode } } };
}

function queryText(query: URLSearchParams, set: Record<string, string>): string {
  const copy = new URLSearchParams(query);
  for (const [name, value] of Object.entries(set)) copy.set(name, value);
  const text = copy.toString();
  return text ? `?${text}` : '';
}
