import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger, readConfig } from '@chartledger/platform';
import {
  PopulationProjector,
  PopulationStore,
  RowsThread,
  viewRelation,
  type KeptView,
  type Scope,
} from '@chartledger/population';
import { openStore } from '../../../chartledger/src/store.js';
import { thousands } from '../output.js';
import { temporaryFolder } from '../temporary-folder.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { round } from './latency.js';
import { fillObservations, OBSERVATION_VIEW, registerView } from './population-ledger.js';

const DEFAULT_ENTRIES = 200_000;
const DEFAULT_ROWS = 10_000_000;
const ROUNDS = 5;
/** Of several hospitals, found to be one person. */
const PATIENTS_A_PERSON = 2;
const OPEN = 2n ** 63n - 1n;

/**
 * Live views: how fast they are made from the ledger (read, decrypt, parse, view, durable commit), and group-bys over
 * their rows, current and as of the middle, without persons and by them, against the same rows in plain Parquet files
 * read by hand-written SQL.
 */
export async function benchPopulation(options: BenchOptions): Promise<BenchResult> {
  const { entries = DEFAULT_ENTRIES, rows = DEFAULT_ROWS } = options;
  const dataDir = await temporaryFolder('bench');
  const store = await openStore(readConfig({ CHARTLEDGER_DATA_DIR: join(dataDir, 'data') }));
  const population = await PopulationStore.open(join(dataDir, 'views.duckdb'));
  try {
    await fillObservations(store, entries);
    await registerView(store, 'observation', OBSERVATION_VIEW);
    process.stderr.write(`${thousands(entries)} Observations are in the ledger\n`);
    const projector = new PopulationProjector({
      store: population,
      ledger: store.ledger,
      opener: store.opener,
      chains: store.chains,
      logger: createLogger('warn'),
      fillRows: new RowsThread(store.opener),
    });
    const startedMs = performance.now();
    const startedCpu = process.cpuUsage();
    await projector.start();
    await projector.reached(new Map([[0, 0]]));
    await projector.filled();
    const seconds = (performance.now() - startedMs) / 1000;
    const { user, system } = process.cpuUsage(startedCpu);
    process.stderr.write(`${thousands(Math.round(entries / seconds))} entries a second from the ledger to the view\n`);
    const [view] = projector.live;
    await projector.stop();
    const questions = rows > 0 ? await askQuestions(population, view, rows, entries, dataDir) : {};
    return {
      bench: 'population',
      entries,
      seconds: round(seconds),
      perSecond: Math.round(entries / seconds),
      cpuMicrosecondsPerEntry: round((user + system) / entries),
      ...questions,
    };
  } finally {
    await population.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Without and with the person of each patient, whom the Parquet files have as a column and the live view joins. */
const QUESTIONS: Record<'' | 'Persons', (relation: string) => string> = {
  '': (relation) =>
    `select code, status, count(*) as n, round(avg(value), 6) as mean from (${relation}) group by all order by all`,
  Persons: (relation) =>
    `select code, count(distinct person_key) as persons, count(*) as n from (${relation}) group by all order by all`,
};

async function askQuestions(
  store: PopulationStore,
  view: KeptView,
  rows: number,
  entries: number,
  dataDir: string,
): Promise<Record<string, number>> {
  // The rows that the ledger made, so often again that there are enough, each copy at positions of its own.
  await store.write(async (connection) => {
    await connection.run(
      `insert into ${view.tableName} select v.* replace (
         v._seq + copy * ${entries} as _seq, if(v._to = ${OPEN}, v._to, v._to + copy * ${entries}) as _to,
         v.id || '-' || copy as id, v._patient || '-' || copy as _patient)
       from ${view.tableName} v, range(1, ${Math.ceil(rows / entries)}) copies(copy)`,
    );
    await connection.run(
      `insert into population.person
       select patient, 'Person/' || (row_number() over (order by patient) // ${PATIENTS_A_PERSON}), 0, ${OPEN}
       from (select distinct _patient as patient from ${view.tableName})`,
    );
  });
  await store.checkpoint();
  const files = join(dataDir, 'plain.parquet');
  const last = Math.ceil(rows / entries) * entries - 1;
  const middle = Math.floor(last / 2);
  await store.read((connection) =>
    connection.run(
      `copy (select v.*, p.person as person_key from ${view.tableName} v
         join population.person p on p.patient = v._patient order by v._seq) to '${files}' (format parquet)`,
    ),
  );
  const plain = await DuckDBInstance.create(':memory:');
  const plainConnection = await plain.connect();
  const scopes: Record<'current' | 'asOf', [Scope, string]> = {
    current: [{}, `_to = ${OPEN}`],
    asOf: [
      {
        asOf: new Map([
          [0, 0],
          [1, middle],
        ]),
      },
      `_seq <= ${middle} and _to > ${middle}`,
    ],
  };
  const results: Record<string, number> = { rows: Math.ceil(rows / entries) * entries };
  for (const [name, [scope, condition]] of Object.entries(scopes)) {
    for (const [kind, question] of Object.entries(QUESTIONS)) {
      const live = await store.read((connection) =>
        median(connection, question(viewRelation(view, scope, kind === 'Persons'))),
      );
      const byHand = await median(plainConnection, question(`select * from '${files}' where ${condition}`));
      if (JSON.stringify(live.answer) !== JSON.stringify(byHand.answer))
        throw new Error(`the answers ${name}${kind} differ`);
      results[`${name}${kind}Ms`] = round(live.ms);
      results[`${name}${kind}ParquetMs`] = round(byHand.ms);
      results[`${name}${kind}Ratio`] = round(live.ms / byHand.ms);
    }
  }
  plainConnection.closeSync();
  plain.closeSync();
  return results;
}

async function median(connection: DuckDBConnection, sql: string): Promise<{ ms: number; answer: unknown[] }> {
  const times: number[] = [];
  let answer: unknown[] = [];
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    const startedMs = performance.now();
    answer = (await connection.runAndReadAll(sql)).getRowsJson();
    times.push(performance.now() - startedMs);
  }
  return { ms: times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)], answer };
}
