import { ChainTree, LedgerAudit } from '@chartledger/audit';
import { poolOf } from '@chartledger/database';
import { IngestService, PrepareThread, SourceRegistrar, type Submit } from '@chartledger/ingest';
import { noteVerifier, type NoteVerifier } from '@chartledger/ledger';
import { LineageProjection, LineageService } from '@chartledger/lineage';
import { Metrics, systemClock, type Config, type Logger } from '@chartledger/platform';
import { ViewSet, type Projection } from '@chartledger/projection';
import { FhirReads, RecordReader, RecordsProjection, SourceDirectory, SourcesProjection } from '@chartledger/records';
import { ownChain, Registry, Sequencer } from '@chartledger/sequence';
import { addGauges } from './gauges.js';
import { openStore, type Store } from './store.js';

/** Every part of a server in one process, running. */
export interface Assembly {
  store: Store;
  views: ViewSet;
  trees: ReadonlyMap<number, ChainTree>;
  sequencers: ReadonlyMap<number, Sequencer>;
  sources: SourceDirectory;
  reader: RecordReader;
  reads: FhirReads;
  ingest: IngestService;
  registrar: SourceRegistrar;
  lineage: LineageService;
  audit: LedgerAudit;
  metrics: Metrics;
  stop(): Promise<void>;
}

/** The views that are kept, each a folder of its own. */
export function projections(store: Store): Projection[] {
  return [new SourcesProjection(), new RecordsProjection(store.tokens), new LineageProjection(store.tokens)];
}

/**
 * Starts all stages over one store. In this order: own the chains, bring the views up to the head, hold the log to its
 * last checkpoint, then sequence.
 */
export async function assemble(config: Config, logger: Logger): Promise<Assembly> {
  const store = await openStore(config, undefined, logger);
  const pool = poolOf(store.source);
  const { ledger, opener, tokens, chains } = store;
  const stops: (() => Promise<void>)[] = [() => store.close()];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    for (const chain of chains) {
      const owner = await ownChain(pool, chain);
      stops.push(() => owner.release());
    }
    const views = new ViewSet({ pool, ledger, opener, logger }, projections(store), chains);
    stops.push(() => views.stop());
    await views.start();
    const trees = new Map<number, ChainTree>();
    const verifiers = new Map<number, NoteVerifier>();
    for (const chain of chains) {
      const signer = store.signer(chain);
      const verifier = noteVerifier(signer.name, signer.publicKey);
      const context = {
        ledger,
        store: store.checkpoints,
        file: store.checkpointFile(chain),
        signer,
        verifier,
        clock: systemClock,
        logger,
      };
      const tree = new ChainTree(context, chain);
      await tree.start();
      stops.push(() => tree.stop());
      trees.set(chain, tree);
      verifiers.set(chain, verifier);
    }
    const metrics = new Metrics();
    const sequencers = new Map<number, Sequencer>();
    for (const chain of chains) {
      const grounds = {
        registry: new Registry(pool, views, opener, chain),
        tokens,
        pseudonymKey: store.keys.pseudonym,
      };
      const tree = trees.get(chain)!;
      const context = { ledger, views, keys: store.dataKeys, opener, grounds, clock: systemClock, logger, metrics };
      const sequencer = new Sequencer(
        { ...context, onAppended: (entries) => tree.append(entries), onRecovered: (head) => tree.catchUpTo(head) },
        chain,
      );
      await sequencer.start();
      stops.push(() => sequencer.stop());
      sequencers.set(chain, sequencer);
    }
    const submit: Submit = (submission) => sequencers.get(submission.source.chain)!.submit(submission);
    const thread = new PrepareThread(logger);
    await thread.start();
    stops.push(() => thread.stop());
    const sources = new SourceDirectory(pool, views);
    const reader = new RecordReader(pool, views, opener);
    const audit = new LedgerAudit(ledger, store.checkpoints, trees, verifiers, async () => sources.all());
    addGauges(metrics, views, sequencers, trees);
    return {
      store,
      views,
      trees,
      sequencers,
      sources,
      reader,
      reads: new FhirReads(reader, sources, tokens),
      ingest: new IngestService(sources, thread, submit, store.keys.pseudonym),
      registrar: new SourceRegistrar(sources, submit, chains.length - 1),
      lineage: new LineageService(pool, views, reader, sources, opener, tokens, store.checkpoints),
      audit,
      metrics,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
