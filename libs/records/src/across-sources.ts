import { type Pool } from 'pg';
import { int4Array, int8Array, run, textArray } from '@chartledger/database';
import { parseReference, RESOURCE_TYPES, scanResource, searchParametersOf, type TokenParam } from '@chartledger/fhir';
import { type Actor } from '@chartledger/platform';
import { type EntryOpener, type Views } from '@chartledger/projection';
import { type Token, type Tokens } from '@chartledger/security';
import { identifiedRecords, recordsAbout, recordsBeside } from './across-sources.queries.js';
import { SEARCH_REFERENCES } from './fhir/search-request.js';
import { openVersions, type RecordVersion } from './record-reader.js';
import { identifierQuestion, referenceToken } from './record-tokens.js';
import { type VersionRow } from './records.queries.js';
import { type SourceDirectory } from './sources/source-directory.js';
import { type Standpoint } from './standpoint.js';

/** A Patient of a source. */
export interface SourcePatient {
  source: string;
  patient: string;
}

/** A version with the source and type that say whose it is. */
export interface SourceVersion extends RecordVersion {
  source: string;
  type: string;
}

export interface AboutQuestion {
  /** None: all. */
  types: readonly string[];
  /** Milliseconds: only versions not before it. */
  sinceMs: number;
  count: number;
  after?: { source: string; type: string; id: string };
}

export interface AboutPage {
  total: number;
  records: SourceVersion[];
  /** What these refer to and is about nobody of those asked for: practitioners, organizations, medications. */
  beside: SourceVersion[];
  more: boolean;
}

type SourceRow = VersionRow & { chain: number; source: string; type: string };

/** An identifier that so many records have says nothing of who they are. */
const MAX_IDENTIFIED = 1_000;
const NO_AFTER = { source: '', type: '', id: '' };

/** Reads over the records of all sources at once: for those who know that some of them are of one person. */
export class AcrossSources {
  constructor(
    private readonly pool: Pool,
    private readonly views: Views,
    private readonly sources: SourceDirectory,
    private readonly opener: EntryOpener,
    private readonly tokens: Tokens,
  ) {}

  /** The records of a type with the identifier, in any source, by source and id, each with its version's place; at most 1,000. */
  async identified(
    _actor: Actor,
    type: string,
    identifier: TokenParam,
    standpoint: Standpoint,
  ): Promise<{ source: string; id: string; chain: number; seq: number }[]> {
    const sources = await this.sources.all();
    const tokens = sources.flatMap(({ name }) => identifierQuestion(this.tokens, name, type, identifier) ?? []);
    if (tokens.length === 0) return [];
    const at = await positionsOn(
      standpoint,
      sources.map(({ chain }) => chain),
    );
    return run(this.pool, identifiedRecords(this.schema(at.chains[0])), [
      int8Array(tokens),
      ...at.columns,
      MAX_IDENTIFIED,
    ]);
  }

  /**
   * The patients, and the records of their sources that refer to one of them as `patient` or `subject`
   * (http://hl7.org/fhir/R4/patient-operation-everything.html), by source.
   */
  async about(
    _actor: Actor,
    patients: readonly SourcePatient[],
    { types, sinceMs, count, after = NO_AFTER }: AboutQuestion,
    standpoint: Standpoint,
  ): Promise<AboutPage> {
    if (patients.length === 0) return { total: 0, records: [], beside: [], more: false };
    const found = await Promise.all(patients.map(({ source }) => this.sources.get(source)));
    const at = await positionsOn(
      standpoint,
      found.map(({ chain }) => chain),
    );
    const schema = this.schema(at.chains[0]);
    const tokens = int8Array(patients.flatMap((patient) => this.tokensOf(patient)));
    const rows = await run<SourceRow & { total: number }>(this.pool, recordsAbout(schema), [
      textArray(patients.map(({ source }) => source)),
      textArray(patients.map(({ patient }) => patient)),
      tokens,
      ...at.columns,
      textArray(types),
      sinceMs,
      after.source,
      after.type,
      after.id,
      count + 1,
    ]);
    const records = rows.filter(({ seq }) => seq !== null);
    const page = await this.open(records.slice(0, count));
    return {
      total: rows[0]?.total ?? 0,
      records: page,
      beside: await this.beside(schema, page, tokens, at.columns),
      more: records.length > count,
    };
  }

  private async beside(
    schema: string,
    page: readonly SourceVersion[],
    tokens: Buffer,
    at: readonly Buffer[],
  ): Promise<SourceVersion[]> {
    const named = new Map<string, { source: string; type: string; id: string }>();
    for (const { source, body } of page) {
      for (const { value } of body ? scanResource(body).references : []) {
        const reference = parseReference(value);
        if (reference.kind !== 'relative') continue;
        const { type, id } = reference;
        named.set(`${source}/${type}/${id}`, { source, type, id });
      }
    }
    if (named.size === 0) return [];
    const keys = [...named.values()];
    const rows = await run<SourceRow>(this.pool, recordsBeside(schema), [
      textArray(keys.map(({ source }) => source)),
      textArray(keys.map(({ type }) => type)),
      textArray(keys.map(({ id }) => id)),
      tokens,
      ...at,
    ]);
    return this.open(rows);
  }

  private async open(rows: readonly SourceRow[]): Promise<SourceVersion[]> {
    const opened = new Map<SourceRow, RecordVersion>();
    for (const chain of new Set(rows.map((row) => row.chain))) {
      const on = rows.filter((row) => row.chain === chain);
      const versions = await openVersions(this.views.ledger, this.opener, chain, on);
      on.forEach((row, index) => opened.set(row, versions[index]));
    }
    return rows.map((row) => ({ source: row.source, type: row.type, ...opened.get(row)! }));
  }

  /** What finds the records about a patient. The name of the source is in the token. */
  private tokensOf({ source, patient }: SourcePatient): Token[] {
    return ABOUT.map(({ type, code }) => referenceToken(this.tokens, source, type, code, `Patient/${patient}`));
  }

  private schema(chain: number): string {
    return this.views.view('records', chain).schema;
  }
}

/** The parameters that say whom a record is about. */
const ABOUT = RESOURCE_TYPES.flatMap((type) =>
  SEARCH_REFERENCES.filter((code) => searchParametersOf(type).get(code)?.definition.target.includes('Patient')).map(
    (code) => ({ type, code }),
  ),
);

async function positionsOn(
  standpoint: Standpoint,
  chains: readonly number[],
): Promise<{ chains: number[]; columns: [Buffer, Buffer] }> {
  const distinct = [...new Set(chains)];
  const positions = await Promise.all(distinct.map((chain) => standpoint.on(chain)));
  return { chains: distinct, columns: [int4Array(distinct), int8Array(positions)] };
}
