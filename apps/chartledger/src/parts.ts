import { LedgerAudit, type ChainTree, type SignedTree } from '@chartledger/audit';
import { type Admission, IngestService, PrepareThread, SourceRegistrar, type Submit } from '@chartledger/ingest';
import { LineageService } from '@chartledger/lineage';
import { PatientScope, SqlOnFhir, type PopulationThread } from '@chartledger/population';
import { type Views } from '@chartledger/projection';
import { FhirReads, RecordReader, SourceDirectory } from '@chartledger/records';
import { type Sequencer } from '@chartledger/sequence';
import { verifierOf, type Base, type Stops } from './base.js';
import { type Store } from './store.js';

/** What clients may configure the system with, by records of its own source. Further checks come with the parts that read them. */
const ADMISSION: Admission = new Map(
  ['CodeSystem', 'Library', 'Measure', 'ValueSet', 'ViewDefinition'].map((type) => [type, () => []]),
);

/** What the stage *ingest* needs to answer. */
export interface IngestParts {
  sources: SourceDirectory;
  ingest: IngestService;
  /** What a write is answered with where the client wants the record, and a search that is sent by POST. */
  reads: FhirReads;
  registrar: SourceRegistrar;
}

/** What the stage *query* needs to answer. */
export interface QueryParts {
  sources: SourceDirectory;
  reads: FhirReads;
  lineage: LineageService;
  audit: LedgerAudit;
  sql: SqlOnFhir;
}

/** What runs in a process. */
export interface Assembly {
  store: Store;
  metrics: Base['metrics'];
  /** The views that are kept or read here. */
  views: Pick<Views, 'all'>;
  /** The trees that are signed here. */
  trees: ReadonlyMap<number, ChainTree>;
  sequencers: ReadonlyMap<number, Sequencer>;
  ingest?: IngestParts;
  query?: QueryParts;
  /** Called once the process serves at `url`. */
  onListening?(url: string): void;
  stop(): Promise<void>;
}

export async function ingestParts(base: Base, views: Views, submit: Submit, stops: Stops): Promise<IngestParts> {
  const { store, logger } = base;
  const thread = new PrepareThread(logger);
  await thread.start();
  stops.add(() => thread.stop());
  const { sources, reads } = readParts(base, views);
  return {
    sources,
    reads,
    ingest: new IngestService(
      sources,
      thread,
      submit,
      store.keys.pseudonym,
      store.config.kafka !== undefined,
      ADMISSION,
    ),
    registrar: new SourceRegistrar(sources, submit, store.chains.length - 1),
  };
}

export function queryParts(
  base: Base,
  views: Views,
  trees: ReadonlyMap<number, SignedTree>,
  population: PopulationThread,
): QueryParts {
  const { store, pool } = base;
  const { ledger, opener, tokens, checkpoints, chains } = store;
  const { sources, reader, reads } = readParts(base, views);
  const verifiers = new Map(chains.map((chain) => [chain, verifierOf(store, chain)]));
  return {
    sources,
    reads,
    lineage: new LineageService(pool, views, reader, sources, opener, tokens, checkpoints),
    audit: new LedgerAudit(ledger, checkpoints, trees, verifiers, () => sources.all()),
    sql: new SqlOnFhir(population, ledger, chains, new PatientScope(sources, reader)),
  };
}

function readParts(
  { store, pool }: Base,
  views: Views,
): { sources: SourceDirectory; reader: RecordReader; reads: FhirReads } {
  const sources = new SourceDirectory(pool, views);
  const reader = new RecordReader(pool, views, store.opener);
  return { sources, reader, reads: new FhirReads(reader, sources, store.tokens) };
}
