import { isResourceId, isResourceType } from '@chartledger/fhir';
import { formatPosition, parsePosition, SYSTEM_SOURCE } from '@chartledger/ledger';
import {
  FHIR_JSON,
  FhirError,
  operationOutcome,
  POSITION_HEADER,
  type Actor,
  type Answer,
  entityTag,
} from '@chartledger/platform';
import { type Tokens } from '@chartledger/security';
import { v7 as uuidv7 } from 'uuid';
import { type RecordReader, type RecordVersion } from '../record-reader.js';
import { KIND } from '../records.tables.js';
import { type SourceDirectory } from '../sources/source-directory.js';
import { type Source } from '../sources/sources.projection.js';
import { bundleText, type EntryText } from './bundle-text.js';
import { capabilityStatement } from './capability-statement.js';
import {
  mergeOwn,
  ownConditions,
  rootOf,
  withAbsoluteReferences,
  withoutOwn,
  type OwnResource,
} from './own-resource.js';
import { pageToken, readCount, readSearch } from './search-request.js';

/** What a read says beside its URL. */
export interface ReadContext {
  /** The source's base URL as the client reached it, without a slash at the end. */
  base: string;
  ifNoneMatch?: string;
  ifModifiedSince?: string;
  /** `Prefer: handling=strict`. */
  strict?: boolean;
}

const DEFAULT_HISTORY_COUNT = 50;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** The interactions that read (http://hl7.org/fhir/R4/http.html) and the operation `$version`, for HTTP and for the entries of a Bundle alike. */
export class FhirReads {
  private readonly own: readonly OwnResource[];

  constructor(
    private readonly reader: RecordReader,
    private readonly sources: SourceDirectory,
    private readonly tokens: Tokens,
    /** What parts of the system say of the base of its own source. */
    own: readonly OwnResource[] = [],
  ) {
    this.own = mergeOwn(own);
  }

  /** Answers a relative URL: `metadata`, `Type`, `Type/$version?position=1:812`, `Type/id`, `Type/id/_history`, `Type/id/_history/version`. */
  async get(actor: Actor, sourceName: string, url: string, context: ReadContext): Promise<Answer> {
    const source = await this.sources.get(sourceName);
    const [path, queryText = ''] = splitOnce(url.replace(/^\//, ''), '?');
    const query = new URLSearchParams(queryText);
    const [type, id, operation, version, ...rest] = path.split('/').map(decode);
    if (type === 'metadata' && id === undefined) return this.metadata(source, context);
    if (!isResourceType(type))
      throw FhirError.of(404, 'not-supported', 'the URL does not begin with a resource type of FHIR R4');
    if (id === undefined) return this.search(actor, source, type, query, context);
    if (id === '$version' && operation === undefined) return this.readEntry(actor, source, type, query, context);
    if (!isResourceId(id) || rest.length > 0 || (operation !== undefined && operation !== '_history')) {
      throw FhirError.of(404, 'not-found', 'there is nothing at this URL');
    }
    if (operation === undefined) return this.read(actor, source, type, id, query, context);
    if (version === undefined) return this.history(actor, source, type, id, query, context);
    return this.readVersion(actor, source, type, id, version, query, context);
  }

  private metadata({ name }: Source, { base }: ReadContext): Answer {
    const statement = capabilityStatement(base, this.own, name === SYSTEM_SOURCE);
    return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body: JSON.stringify(statement) };
  }

  private async read(
    actor: Actor,
    source: Source,
    type: string,
    id: string,
    query: URLSearchParams,
    context: ReadContext,
  ): Promise<Answer> {
    const { value, position } = await this.reader.read(actor, { source, type, id }, asOfOf(query));
    const headers = { ...versionHeaders(value), [POSITION_HEADER]: formatPosition(source.chain, position) };
    if (isUnchanged(value, context)) return { status: 304, headers };
    return { status: 200, headers: { ...headers, 'Content-Type': FHIR_JSON }, body: bodyOf(value, context.base) };
  }

  private async readVersion(
    actor: Actor,
    source: Source,
    type: string,
    id: string,
    version: string,
    query: URLSearchParams,
    { base }: ReadContext,
  ): Promise<Answer> {
    if (!/^[1-9]\d{0,8}$/.test(version)) throw FhirError.of(404, 'not-found', 'there is no such version');
    const { value, position } = await this.reader.readVersion(
      actor,
      { source, type, id },
      Number(version),
      asOfOf(query),
    );
    const headers = {
      ...versionHeaders(value),
      'Content-Type': FHIR_JSON,
      [POSITION_HEADER]: formatPosition(source.chain, position),
    };
    return { status: 200, headers, body: bodyOf(value, base) };
  }

  /** As a vread of the version that the entry at a position made; its URL is in `Content-Location`. */
  private async readEntry(
    actor: Actor,
    source: Source,
    type: string,
    query: URLSearchParams,
    { base }: ReadContext,
  ): Promise<Answer> {
    const [text, another] = query.getAll('position');
    const asked = another === undefined ? parsePosition(text ?? '') : undefined;
    if (!asked) throw FhirError.of(400, 'value', '$version needs one position, such as position=1:812 (chain:seq)');
    if (asked.chain !== source.chain)
      throw FhirError.of(404, 'not-found', `the records of this source stand on chain ${source.chain}`);
    const { value, position } = await this.reader.readEntry(actor, { source, type }, asked.seq);
    const headers = {
      ...versionHeaders(value),
      'Content-Location': `${base}/${type}/${value.row.id}/_history/${value.row.version}`,
      'Content-Type': FHIR_JSON,
      [POSITION_HEADER]: formatPosition(source.chain, position),
    };
    return { status: 200, headers, body: bodyOf(value, base) };
  }

  private async history(
    actor: Actor,
    source: Source,
    type: string,
    id: string,
    query: URLSearchParams,
    context: ReadContext,
  ): Promise<Answer> {
    const count = query.has('_count') ? readCount(query.get('_count')!) : DEFAULT_HISTORY_COUNT;
    const since = query.get('_since') ?? undefined;
    if (since !== undefined && !INSTANT.test(since))
      throw FhirError.of(400, 'value', '_since must be an instant with a time zone');
    const before = query.get('_page') ?? undefined;
    if (before !== undefined && !/^\d{1,9}$/.test(before))
      throw FhirError.of(400, 'value', '_page must be taken from the next link of a page');
    const asOf = asOfOf(query);
    const page = {
      count,
      before: before === undefined ? undefined : Number(before),
      sinceMs: since === undefined ? undefined : Date.parse(since),
      asOf,
    };
    const { value, position } = await this.reader.history(actor, { source, type, id }, page);
    const { versions, total } = value;
    const url = `${context.base}/${type}/${id}`;
    const at = formatPosition(source.chain, position);
    const link = [{ relation: 'self', url: `${url}/_history${queryText(query)}` }];
    const last = versions[versions.length - 1];
    if (versions.length === count && last && last.row.version > 1) {
      link.push({
        relation: 'next',
        url: `${url}/_history${queryText(query, { _count: String(count), _page: String(last.row.version), _asOf: at })}`,
      });
    }
    const entries = versions.map((version): EntryText => historyEntry(url, type, version, context.base));
    return bundle({ type: 'history', total, link }, entries, at);
  }

  private async search(
    actor: Actor,
    source: Source,
    type: string,
    query: URLSearchParams,
    context: ReadContext,
  ): Promise<Answer> {
    const own = source.name === SYSTEM_SOURCE ? this.own.find((resource) => resource.type === type) : undefined;
    const request = readSearch(this.tokens, source.name, type, withoutOwn(query, own));
    const standpoint = own && this.reader.standpoint(request.asOf);
    if (standpoint)
      request.conditions.push(...(await ownConditions(actor, own, query, standpoint, rootOf(context.base))));
    if (request.unknown.length > 0 && context.strict) {
      throw FhirError.of(400, 'not-supported', `unknown search parameters for ${type}: ${request.unknown.join(', ')}`);
    }
    const asOf = standpoint ? await standpoint.on(source.chain) : request.asOf;
    const { value, position } = await this.reader.search(actor, source, type, { ...request, asOf });
    const at = standpoint ? await standpoint.positions() : formatPosition(source.chain, position);
    const url = `${context.base}/${type}`;
    const entries: EntryText[] = value.matches.map((match) => ({
      fullUrl: `${url}/${match.row.id}`,
      resource: servedBody(match, context.base),
      rest: { search: { mode: 'match' } },
    }));
    const link = [{ relation: 'self', url: `${url}${queryText(query, {}, request.unknown)}` }];
    const last = value.matches[value.matches.length - 1];
    if (value.more && last) {
      const next = { _count: String(request.count), _page: pageToken(last.row.id), _asOf: request.asOf ?? at };
      link.push({ relation: 'next', url: `${url}${queryText(query, next, request.unknown)}` });
    }
    if (request.unknown.length > 0) entries.push(unknownParameters(type, request.unknown));
    return bundle({ type: 'searchset', total: value.total, link }, entries, at);
  }
}

function bundle(head: Record<string, unknown>, entries: EntryText[], position: string): Answer {
  const body = bundleText({ id: uuidv7(), ...head }, entries);
  return { status: 200, headers: { 'Content-Type': FHIR_JSON, [POSITION_HEADER]: position }, body };
}

function historyEntry(url: string, type: string, record: RecordVersion, base: string): EntryText {
  const { row, envelope, opened } = record;
  const isFirst = row.version === 1;
  const method = row.kind === KIND.delete ? 'DELETE' : (opened.content?.header.method ?? (isFirst ? 'POST' : 'PUT'));
  const status = row.kind === KIND.delete ? '204' : row.kind === KIND.create ? '201' : '200';
  return {
    fullUrl: url,
    resource: servedBody(record, base),
    rest: {
      request: { method, url: method === 'POST' ? type : `${type}/${row.id}` },
      response: { status, etag: entityTag(row.version), lastModified: envelope.time },
    },
  };
}

/** Reported in the Bundle itself (http://hl7.org/fhir/R4/search.html#errors). */
function unknownParameters(type: string, names: string[]): EntryText {
  const issue = {
    severity: 'warning' as const,
    code: 'not-supported',
    diagnostics: `search parameters not supported for ${type}, left out: ${names.join(', ')}`,
  };
  return { resource: Buffer.from(JSON.stringify(operationOutcome([issue]))), rest: { search: { mode: 'outcome' } } };
}

function versionHeaders({ row, envelope }: RecordVersion): Record<string, string> {
  return { ETag: entityTag(row.version), 'Last-Modified': new Date(envelope.time).toUTCString() };
}

function servedBody({ body, envelope }: RecordVersion, base: string): Buffer | undefined {
  return body && withAbsoluteReferences(body, envelope.kind, rootOf(base));
}

function bodyOf(version: RecordVersion, base: string): Buffer {
  const body = servedBody(version, base);
  if (!body) throw FhirError.of(410, 'deleted', "the record's key was destroyed: its content cannot be read any more");
  return body;
}

/** Conditional read (http://hl7.org/fhir/R4/http.html#cread). */
function isUnchanged({ row, envelope }: RecordVersion, { ifNoneMatch, ifModifiedSince }: ReadContext): boolean {
  if (ifNoneMatch !== undefined)
    return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${row.version}"`);
  if (ifModifiedSince === undefined) return false;
  const since = Date.parse(ifModifiedSince);
  return !Number.isNaN(since) && Math.floor(Date.parse(envelope.time) / 1000) * 1000 <= since;
}

function queryText(query: URLSearchParams, set: Record<string, string> = {}, without: readonly string[] = []): string {
  const copy = new URLSearchParams(query);
  for (const name of without) copy.delete(name);
  for (const name in set) copy.set(name, set[name]);
  const text = copy.toString();
  return text ? `?${text}` : '';
}

/** @throws FhirError (400) when it is asked for twice. */
function asOfOf(query: URLSearchParams): string | undefined {
  const [asOf, another] = query.getAll('_asOf');
  if (another !== undefined) throw FhirError.of(400, 'invalid', '_asOf may be given once');
  return asOf;
}

/** @throws FhirError (400) for a malformed escape. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw FhirError.of(400, 'invalid', 'the URL has a percent sign that begins no escape');
  }
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
