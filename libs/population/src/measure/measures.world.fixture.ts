import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { joinParts, type Connection } from '@chartledger/database';
import { SourceRegistrar } from '@chartledger/ingest';
import { EmbeddedLedger, ledgerTables } from '@chartledger/ledger-embedded';
import { ANONYMOUS, systemClock } from '@chartledger/platform';
import { SourceDirectory, SourcesProjection } from '@chartledger/records';
import { systemSubmission } from '@chartledger/sequence';
import { openStages, type TestStages } from '@chartledger/testing';
import { randomUUID } from 'node:crypto';
import { Definitions } from './definitions.js';
import { PopulationEvaluation } from './evaluation.js';
import { LocalEvaluator } from './evaluator.js';
import { KeptResults } from './kept-results.js';
import { MeasureService } from './measure.service.js';
import { measureTables } from './measure.tables.js';
import { PatientData } from './patient-data.js';
import { PatientRecords } from './patient-records.js';
import { type Resource } from './resources.js';

/** Measures over a real ledger and database, in this process. */
export interface World {
  stages: TestStages;
  measures: MeasureService;
  evaluation: PopulationEvaluation;
  definitions: Definitions;
  sources: SourceDirectory;
  kept: KeptResults;
  /** Sends a resource to the source `clinic`. Gives its position. */
  put(resource: Resource): Promise<string>;
  remove(type: string, id: string): Promise<string>;
  /** Puts measures, libraries and value sets into the system's own source. */
  define(resources: readonly Resource[]): Promise<void>;
}

export async function openWorld(connection: Connection, dataDir: string): Promise<World> {
  const keysDir = join(dataDir, randomUUID());
  await mkdir(keysDir);
  const stages = await openStages(connection, dataDir, {
    keysDir,
    store: { tables: joinParts(ledgerTables, measureTables), open: (source) => EmbeddedLedger.open(source) },
    projections: () => [new SourcesProjection()],
  });
  const { pool, views, opener, tokens, reader } = stages;
  const submit: TestStages['submit'] = (submission) => stages.submit(submission);
  const sources = new SourceDirectory(pool, views);
  await new SourceRegistrar(sources, submit, 1).register(ANONYMOUS, { name: 'clinic', chain: 1 } as never, 'test');
  const kept = new KeptResults(pool, tokens);
  const evaluation = new PopulationEvaluation(
    new PatientData(pool, views, tokens),
    new PatientRecords(pool, views, opener, tokens),
    kept,
    new LocalEvaluator(),
  );
  const definitions = new Definitions(pool, views, opener);
  const measures = new MeasureService({
    definitions,
    evaluation,
    kept,
    reader,
    sources,
    tokens,
    submit,
    clock: systemClock,
  });
  return {
    stages,
    measures,
    evaluation,
    definitions,
    sources,
    kept,
    put: async (resource) => {
      const { resourceType: type, id } = resource;
      const { seq } = await stages.send({ type, id, recordFindings: true }, JSON.stringify(resource));
      return `1:${seq}`;
    },
    remove: async (type, id) => `1:${(await stages.send({ method: 'DELETE', type, id })).seq}`,
    define: async (resources) => {
      const changes = resources.map((resource) => ({ type: resource.resourceType, id: resource.id!, resource }));
      await submit(systemSubmission({ actor: ANONYMOUS, id: randomUUID(), requestId: 'test', changes }));
    },
  };
}
