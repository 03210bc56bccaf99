import { type Pool } from 'pg';
import { run } from '@chartledger/database';
import { formatPosition, type Envelope, type Ledger } from '@chartledger/ledger';
import { type Actor, ChartledgerError, NotFoundError, UnavailableError } from '@chartledger/platform';
import { type EntryOpener, type OpenedEntry, servedText, type Views } from '@chartledger/projection';
import { resolveRecordsAsOf } from './as-of.js';
import {
  custody,
  exactVersion,
  history,
  historyTotal,
  versionAt,
  versionOfEntry,
  type VersionRow,
} from './records.queries.js';
import { searchStatement, type Condition } from './record-search.queries.js';
import { KIND } from './records.tables.js';
import { Standpoint } from './standpoint.js';
import { type Source } from './sources/sources.projection.js';

/** Which record: unique over all sources. */
export interface RecordKey {
  source: Source;
  type: string;
  id: string;
}

/** A version of a record with the text that is served for it; no text for a deletion. */
export interface RecordVersion {
  row: VersionRow;
  envelope: Envelope;
  opened: OpenedEntry;
  body: Buffer | undefined;
}

/** Something that was read, and the position of the view that it was read from. */
export interface Answer<T> {
  value: T;
  position: number;
}

export interface SearchPage {
  total: number;
  matches: RecordVersion[];
  /** There are more: the page after begins after the last match's id. */
  more: boolean;
}

/** The version, and so the record, existed and was deleted. */
export class GoneError extends ChartledgerError {
  /** `position`: of the view that says so, as `chain:seq`. */
  constructor(
    readonly position: string,
    readonly version: number,
  ) {
    super('deleted', 410, 'the record was deleted; its former versions can still be read by _history');
  }
}

const NO_RECORD = 'there is no such record in this source';
/** Higher than any version. */
const ANY_VERSION = 2_147_483_647;

/**
 * Reads records as a FHIR server shows them. Every answer stands on a position that includes all that was acknowledged
 * before the call; `asOf` asks for an earlier one.
 */
export class RecordReader {
  constructor(
    private readonly pool: Pool,
    private readonly views: Views,
    private readonly opener: EntryOpener,
  ) {}

  /** @throws NotFoundError when the record did not exist then, GoneError when it was deleted. */
  async read(actor: Actor, key: RecordKey, asOf?: string | number): Promise<Answer<RecordVersion>> {
    const { schema, position } = await this.standing(key.source, asOf);
    const [row] = await run<VersionRow>(this.pool, versionAt(schema), [...recordParameters(key), position]);
    return { value: await this.openOne(actor, key, row, position), position };
  }

  /** As `read`, without the text: for those who ask only since when it is what it is. */
  async find(_actor: Actor, key: RecordKey, asOf?: string | number): Promise<Answer<VersionRow>> {
    const { schema, position } = await this.standing(key.source, asOf);
    const [row] = await run<VersionRow>(this.pool, versionAt(schema), [...recordParameters(key), position]);
    return { value: present(key.source, row, position), position };
  }

  /** @throws NotFoundError for a version that never was, GoneError for one that is a deletion. */
  async readVersion(actor: Actor, key: RecordKey, version: number, asOf?: string): Promise<Answer<RecordVersion>> {
    const { schema, position } = await this.standing(key.source, asOf);
    const [row] = await run<VersionRow>(this.pool, exactVersion(schema), [...recordParameters(key), position, version]);
    return { value: await this.openOne(actor, key, row, position), position };
  }

  /**
   * The version that the entry at `seq` of the source's chain made: for those who know a version by its position.
   * @throws NotFoundError when it made no version of a record of that type, GoneError when it was a deletion;
   *   UnavailableError when the ledger has the entry and the view has not yet.
   */
  async readEntry(
    actor: Actor,
    { source, type }: Pick<RecordKey, 'source' | 'type'>,
    seq: number,
  ): Promise<Answer<RecordVersion>> {
    const { schema, position } = await this.standing(source);
    if (seq > position && seq <= (await this.views.ledger.head(source.chain)).seq) {
      throw new UnavailableError('the entry asked for is in the ledger and not yet in the view of records: ask again');
    }
    const [row] = await run<VersionRow>(this.pool, versionOfEntry(schema), [source.name, type, source.chain, seq]);
    return { value: await this.openOne(actor, { source, type, id: row?.id ?? '' }, row, position), position };
  }

  /** The versions of a record, newest first, those below `before` only. @throws NotFoundError. */
  async history(
    actor: Actor,
    key: RecordKey,
    page: { count: number; before?: number; sinceMs?: number; asOf?: string },
  ): Promise<Answer<{ total: number; versions: RecordVersion[] }>> {
    const { schema, position } = await this.standing(key.source, page.asOf);
    const base = [...recordParameters(key), position];
    const since = page.sinceMs ?? 0;
    const [rows, [{ total }]] = await Promise.all([
      run<VersionRow>(this.pool, history(schema), [...base, page.before ?? ANY_VERSION, page.count, since]),
      run<{ total: number }>(this.pool, historyTotal(schema), [...base, since]),
    ]);
    if (total === 0 && since === 0) throw new NotFoundError(NO_RECORD, formatPosition(key.source.chain, position));
    return { value: { total, versions: await this.openMany(actor, key.source, rows) }, position };
  }

  /** Every entry of a record, confirmations too, oldest first. @throws NotFoundError. */
  async custody(_actor: Actor, key: RecordKey, asOf?: string): Promise<Answer<OpenedEntry[]>> {
    const { schema, position } = await this.standing(key.source, asOf);
    const rows = await run<VersionRow>(this.pool, custody(schema), [...recordParameters(key), position]);
    if (rows.length === 0) throw new NotFoundError(NO_RECORD, formatPosition(key.source.chain, position));
    return { value: await this.entriesOf(key.source, rows), position };
  }

  async search(
    actor: Actor,
    source: Source,
    type: string,
    question: { conditions: Condition[]; count: number; afterId?: string; asOf?: string | number },
  ): Promise<Answer<SearchPage>> {
    const { schema, position } = await this.standing(source, question.asOf);
    const { conditions, count, afterId = '' } = question;
    // One more than asked tells whether there is another page.
    const limit = count + 1;
    const { statement, values } = searchStatement({
      schema,
      chain: source.chain,
      source: source.name,
      type,
      position,
      conditions,
      afterId,
      limit,
    });
    const rows = await run<VersionRow & { total: number }>(this.pool, statement, values);
    const found = rows.filter((row) => row.seq !== null);
    const matches = await this.openMany(actor, source, found.slice(0, count));
    return { value: { total: rows[0]?.total ?? 0, matches, more: found.length > count }, position };
  }

  /** The position that an answer stands on, and the tables to read at it. `asOf` may be that position. */
  async standing(source: Source, asOf?: string | number): Promise<{ schema: string; position: number }> {
    const { schema, applied } = await this.views.upToDate('records', source.chain);
    if (typeof asOf === 'number') return { schema, position: asOf };
    const position =
      asOf === undefined ? applied : await resolveRecordsAsOf(this.views.ledger, source.chain, asOf, applied);
    return { schema, position };
  }

  /** Where an answer stands that reads several chains. */
  standpoint(asOf?: string): Standpoint {
    return new Standpoint(this.views, asOf);
  }

  private async openOne(
    actor: Actor,
    { source }: RecordKey,
    row: VersionRow | undefined,
    position: number,
  ): Promise<RecordVersion> {
    const [version] = await this.openMany(actor, source, [present(source, row, position)]);
    return version;
  }

  private async openMany(_actor: Actor, { chain }: Source, rows: readonly VersionRow[]): Promise<RecordVersion[]> {
    return openVersions(this.views.ledger, this.opener, chain, rows);
  }

  private entriesOf({ chain }: Source, rows: readonly VersionRow[]): Promise<OpenedEntry[]> {
    return openEntries(this.views.ledger, this.opener, chain, rows);
  }
}

/** @throws NotFoundError where there is no version, GoneError where it is a deletion. */
function present({ chain }: Source, row: VersionRow | undefined, position: number): VersionRow {
  if (!row) throw new NotFoundError(NO_RECORD, formatPosition(chain, position));
  if (row.kind === KIND.delete) throw new GoneError(formatPosition(chain, position), row.version);
  return row;
}

/** The versions that rows of the view name, with the texts that are served for them. */
export async function openVersions(
  ledger: Ledger,
  opener: EntryOpener,
  chain: number,
  rows: readonly VersionRow[],
): Promise<RecordVersion[]> {
  const opened = await openEntries(ledger, opener, chain, rows);
  return rows.map((row, index) => {
    const { envelope, content } = opened[index];
    const hasBody = content && (row.kind === KIND.create || row.kind === KIND.update);
    return {
      row,
      envelope,
      opened: opened[index],
      body: hasBody ? servedText(envelope, content.header, content.text) : undefined,
    };
  });
}

async function openEntries(
  ledger: Ledger,
  opener: EntryOpener,
  chain: number,
  rows: readonly VersionRow[],
): Promise<OpenedEntry[]> {
  if (rows.length === 0) return [];
  const stored = await ledger.get(
    chain,
    rows.map((row) => row.seq),
  );
  return opener.open(stored.map((entry) => entry!));
}

function recordParameters({ source, type, id }: RecordKey): [string, string, string] {
  return [source.name, type, id];
}
