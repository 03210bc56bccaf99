import { type Pool } from 'pg';
import { int8Array, run } from '@chartledger/database';
import { isResourceId, isResourceType } from '@chartledger/fhir';
import { formatPosition, SYSTEM_SOURCE } from '@chartledger/ledger';
import { ChartledgerError, NotFoundError, type Actor } from '@chartledger/platform';
import { type EntryOpener, type OpenedEntry, type Views } from '@chartledger/projection';
import { type RecordReader, type Source, type SourceDirectory } from '@chartledger/records';
import { type Tokens } from '@chartledger/security';
import { coveringEach, type CheckpointDirectory } from './checkpoint-directory.js';
import { type Graph } from './graph.js';
import { expandBy } from './graph-expand.js';
import { type GraphLookups } from './graph-lookups.js';
import { nodeId, type RecordNode } from './graph-node.js';
import { openSubjects, subjectsAnswer, type SubjectsPage } from './graph-reports.js';
import { withOrigins } from './graph-origins.js';
import { GraphStart } from './graph-start.js';
import { walk } from './graph-walk.js';
import { LedgerLookups } from './ledger-lookups.js';
import { pointerToken } from './lineage-tokens.js';
import { provenancesOf } from './lineage.queries.js';
import { type GraphQuestion, type SubjectsQuestion } from './lineage.requests.js';
import { recordLineage, type RecordLineage } from './record-lineage.js';
import { type ReportLookups } from './report-lookups.js';
import { Standings, type Standing } from './standing.js';

/** More than a person reads or a browser draws; some 300 KB of JSON. */
const MAX_NODES = 2_000;

/** Which record, as the URL says it. */
export interface RecordPath {
  source: string;
  type: string;
  id: string;
}

/** Where records came from: the custody of one, what it was as it was sent, and the graph around it. */
export class LineageService {
  constructor(
    private readonly pool: Pool,
    private readonly views: Views,
    private readonly reader: RecordReader,
    private readonly sources: SourceDirectory,
    private readonly opener: EntryOpener,
    private readonly tokens: Tokens,
    private readonly checkpoints: CheckpointDirectory,
    private readonly reports: ReportLookups,
  ) {}

  /** Every entry of a record, oldest first; a deleted record's too. @throws NotFoundError, BadRequestError. */
  async record(actor: Actor, { source: name, type, id }: RecordPath, asOf?: string): Promise<RecordLineage> {
    const source = await this.find({ source: name, type, id });
    const standing = await new Standings(this.views, asOf).on(source.chain);
    const { chain, position } = standing;
    if (position < 0) throw new NotFoundError('the ledger had no entry of this source at that moment');
    const record = { source: name, type, id };
    const [custody, provenances] = await Promise.all([
      this.reader.custody(actor, { source, type, id }, formatPosition(chain, position)),
      this.provenances(standing, record),
    ]);
    const entries = custody.value;
    const seqs = entries.map(({ stored }) => stored.seq);
    const covering = await coveringEach(this.checkpoints, chain, seqs);
    return recordLineage(record, { chain, position }, entries, provenances, covering);
  }

  /**
   * The bytes of a version as the source sent them, and the position that the answer stands on.
   * @throws NotFoundError, GoneError for a deletion, ChartledgerError (410) when the data key was destroyed.
   */
  async received(
    actor: Actor,
    { source: name, type, id }: RecordPath,
    version: number,
  ): Promise<{ bytes: Buffer; position: string }> {
    const source = await this.find({ source: name, type, id });
    const { value, position } = await this.reader.readVersion(actor, { source, type, id }, version);
    const { content } = value.opened;
    if (!content) throw new ChartledgerError('key-destroyed', 410, KEY_DESTROYED);
    return { bytes: content.text, position: formatPosition(source.chain, position) };
  }

  /** What a node came from and what came of it. @throws NotFoundError, BadRequestError. */
  async graph(actor: Actor, { node, ways, depth, asOf, format }: GraphQuestion): Promise<Graph> {
    const { lookups, standings } = this.lookups(asOf);
    const start = await this.start.find(lookups, node);
    const expand = expandBy(lookups, actor, this.reports);
    const found = await walk(start, { ways, depth, maxNodes: MAX_NODES }, expand);
    const graph = format === 'openlineage' ? await withOrigins(found, lookups) : found;
    return { ...graph, asOf: await standings.positions() };
  }

  /** Whom a report counts, and the versions that its logic read, a page at a time. @throws NotFoundError. */
  async reportSubjects(actor: Actor, { report, count, after }: SubjectsQuestion): Promise<SubjectsPage> {
    const { lookups } = this.lookups(undefined);
    const name = { kind: 'record', source: SYSTEM_SOURCE, type: 'MeasureReport', id: report, version: 1 } as const;
    const node = (await this.start.find(lookups, name)) as RecordNode;
    const page = await this.reports.subjectsOf(actor, report, count + 1, after);
    const shown = page.slice(0, count);
    const opened = await openSubjects(lookups, node, shown);
    return {
      report: nodeId(node),
      position: formatPosition(node.chain, node.seq),
      subjects: opened.map(subjectsAnswer),
      next: page.length > count ? shown[count - 1].result : null,
    };
  }

  private get start(): GraphStart {
    return new GraphStart(this.pool, this.views, this.sources);
  }

  /** What one answer asks of the ledger and the views, as of one moment. */
  private lookups(asOf: string | undefined): { lookups: GraphLookups; standings: Standings } {
    const { pool, views, opener, tokens } = this;
    const standings = new Standings(views, asOf);
    const context = { pool, ledger: views.ledger, opener, tokens };
    const known = new Map<number, LedgerLookups>();
    const lookups = {
      chains: standings.chains,
      chainOf: async (source: string): Promise<number | undefined> => (await this.sources.find(source))?.chain,
      on: async (chain: number): Promise<LedgerLookups> => {
        const found = known.get(chain) ?? new LedgerLookups(context, await standings.on(chain));
        known.set(chain, found);
        return found;
      },
    };
    return { lookups, standings };
  }

  /** The source of a record that may exist. @throws NotFoundError. */
  private async find({ source, type, id }: RecordPath): Promise<Source> {
    if (isResourceType(type) && isResourceId(id)) return this.sources.get(source);
    throw new NotFoundError('there is no such record: the URL does not name a resource type of FHIR R4 and an id');
  }

  /** The Provenance versions that target a record and hold at the position, oldest first. */
  private async provenances(
    { chain, position, records, lineage }: Standing,
    { source, type, id }: RecordPath,
  ): Promise<OpenedEntry[]> {
    const token = int8Array([pointerToken(this.tokens, 'provenance', source, `${type}/${id}`)]);
    const statement = provenancesOf(lineage, records);
    const rows = await run<{ seq: number }>(this.pool, statement, [token, chain, position]);
    if (rows.length === 0) return [];
    const stored = await this.views.ledger.get(
      chain,
      rows.map(({ seq }) => seq),
    );
    return this.opener.open(stored.map((entry) => entry!));
  }
}

const KEY_DESTROYED =
  "the record's data key was destroyed, and with it what was sent; its envelope in the ledger still proves that it was";
