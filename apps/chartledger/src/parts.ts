import { LedgerAudit, type ChainTree, type SignedTree } from '@chartledger/audit';
import { type Admission, IngestService, PrepareThread, SourceRegistrar, type Submit } from '@chartledger/ingest';
import { LineageService } from '@chartledger/lineage';
import { type Matcher, type ModelAdoption, Stewarding } from '@chartledger/matching';
import {
  addPopulationMetrics,
  AskedQuestions,
  checkLibrary,
  checkMeasure,
  checkViewDefinition,
  CountsService,
  CountThread,
  LiveViewQueries,
  type MeasureService,
  openMeasures,
  PatientScope,
  type PopulationThread,
  Projects,
  ReportLineage,
  SqlOnFhir,
  timeBy,
} from '@chartledger/population';
import { type Views } from '@chartledger/projection';
import { FhirReads, RecordReader, SourceDirectory } from '@chartledger/records';
import { recordPseudonym } from '@chartledger/security';
import { type Sequencer } from '@chartledger/sequence';
import {
  acrossSources,
  askingParts,
  matcherElsewhere,
  ownResources,
  type AskingParts,
  type MatcherAccess,
} from './asking.js';
import { verifierOf, type Base, type Stops } from './base.js';
import { decidersOf } from './matching.js';
import { type Store } from './store.js';

/** What clients may configure the system with, by records of its own source. Further checks come with the parts that read them. */
const ADMISSION: Admission = new Map([
  ['CodeSystem', () => []],
  ['Library', checkLibrary],
  ['Measure', checkMeasure],
  ['ValueSet', () => []],
  ['ViewDefinition', checkViewDefinition],
]);

/** What the stage *ingest* needs to answer. */
export interface IngestParts {
  sources: SourceDirectory;
  ingest: IngestService;
  /** What a write is answered with where the client wants the record, and a search that is sent by POST. */
  reads: FhirReads;
  registrar: SourceRegistrar;
  stewarding: Stewarding;
  adoption: ModelAdoption;
}

/** What the stage *query* needs to answer. */
export interface QueryParts {
  sources: SourceDirectory;
  reads: FhirReads;
  lineage: LineageService;
  audit: LedgerAudit;
  asking: AskingParts;
  /** The thread of the live views. */
  population: PopulationThread;
  sql: SqlOnFhir;
  measures: MeasureService;
  counts: CountsService;
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
  /** The one that decides, where it runs here and always does. */
  matcher?: Matcher;
  /** Called once the process serves at `url`. */
  onListening?(url: string): void;
  stop(): Promise<void>;
}

/** @param matcher where it runs in this process. */
export async function ingestParts(
  base: Base,
  views: Views,
  submit: Submit,
  stops: Stops,
  matcher = matcherElsewhere(base, views),
): Promise<IngestParts> {
  const { store, logger } = base;
  const thread = new PrepareThread(logger);
  await thread.start();
  stops.add(() => thread.stop());
  const { sources, reads, asking } = readParts(base, views, matcher);
  const { steward, adoption } = decidersOf(base, views, submit, matcher.lock);
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
    stewarding: new Stewarding(asking.persons, steward),
    adoption,
  };
}

/** What stands beside the views for the stage *query*. */
export interface QueryNeeds {
  population: PopulationThread;
  /** For what an answer leaves in the ledger, such as a measure's report. */
  submit: Submit;
  /** Where the matcher runs in this process. */
  matcher?: MatcherAccess;
}

export function queryParts(
  base: Base,
  views: Views,
  trees: ReadonlyMap<number, SignedTree>,
  { population, submit, matcher = matcherElsewhere(base, views) }: QueryNeeds,
  stops: Stops,
): QueryParts {
  const { store, pool, logger } = base;
  const { ledger, opener, tokens, checkpoints, chains, dataKeys, keys } = store;
  const { sources, reader, reads, asking } = readParts(base, views, matcher);
  const time = timeBy(base.metrics);
  addPopulationMetrics(base.metrics, { gauges: () => population.watched() });
  const { measures, stop } = openMeasures({
    pool,
    views,
    opener,
    tokens,
    logger,
    submit,
    dataKeys,
    time,
    pseudonymOf: (source, type, id) => recordPseudonym(keys.pseudonym, source, type, id),
  });
  stops.add(stop);
  const counting = new CountThread();
  stops.add(() => counting.stop());
  const verifiers = new Map(chains.map((chain) => [chain, verifierOf(store, chain)]));
  return {
    sources,
    reads,
    lineage: new LineageService(pool, views, reader, sources, opener, tokens, checkpoints, new ReportLineage(pool)),
    asking,
    audit: new LedgerAudit(ledger, checkpoints, trees, verifiers, () => sources.all()),
    sql: new SqlOnFhir(
      population,
      ledger,
      chains,
      new PatientScope(sources, reader),
      new Projects(reader, tokens, submit),
      time,
    ),
    population,
    measures,
    counts: new CountsService(
      new LiveViewQueries(population, ledger, chains),
      new AskedQuestions(pool),
      counting.count,
      base.config.countThreshold,
      time,
    ),
  };
}

function readParts(
  base: Base,
  views: Views,
  matcher: MatcherAccess,
): { sources: SourceDirectory; reader: RecordReader; reads: FhirReads; asking: AskingParts } {
  const { store, pool } = base;
  const sources = new SourceDirectory(pool, views);
  const reader = new RecordReader(pool, views, store.opener);
  const across = acrossSources(base, views, sources);
  const own = ownResources(base, across, matcher, ADMISSION.keys());
  return {
    sources,
    reader,
    reads: new FhirReads(reader, sources, store.tokens, own),
    asking: askingParts(base, views, reader, sources, across, matcher),
  };
}
