import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { countStatement, CountThread, type CountRow, type CountTask } from '@chartledger/population';
import { type BenchResult } from './bench-options.js';
import { Latencies, round } from './latency.js';

/** Levels of each dimension: about 500 cells in two, three and four. */
const TABLES = [
  [22, 23],
  [8, 8, 8],
  [5, 5, 5, 4],
];
/** Populations of each. */
const RUNS = 12;
/** Until the solver's WebAssembly is compiled for good. */
const WARM_UP_RUNS = 5;
/** A cell has 40 patients in the middle, so that a quarter of all cells are small. */
const MEAN_COUNT = 40;
const THRESHOLD = 11;

/** Counting with suppression, from the rows of the query to the answer, on the thread that a server does it on. */
export async function benchPopulationCounts(): Promise<BenchResult> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const thread = new CountThread();
  const random = numbers(7);
  const queries = new Latencies();
  const beyond = new Latencies();
  const hidden: number[] = [];
  let totalMs = 0;
  try {
    const warm = await taskOver(connection, TABLES[0], random);
    const startedMs = performance.now();
    await thread.count(warm.task);
    const firstMs = performance.now() - startedMs;
    for (let run = 0; run < WARM_UP_RUNS; run++) await thread.count(warm.task);
    for (const sizes of TABLES)
      for (let run = 0; run < RUNS; run++) {
        const { task, queryMs } = await taskOver(connection, sizes, random);
        const startedMs = performance.now();
        const { answer } = await thread.count(task);
        const beyondMs = performance.now() - startedMs;
        beyond.add(beyondMs);
        totalMs += beyondMs;
        queries.add(queryMs);
        hidden.push(answer.suppressed / (answer.cells.length + answer.margins.length));
      }
    return {
      bench: 'population-counts',
      tables: beyond.count,
      cells: 500,
      perSecond: round((1000 * beyond.count) / totalMs),
      p50Ms: beyond.percentile(0.5),
      p99Ms: beyond.percentile(0.99),
      firstMs: round(firstMs),
      queryP50Ms: queries.percentile(0.5),
      hiddenShare: round(hidden.reduce((sum, share) => sum + share, 0) / hidden.length),
    };
  } finally {
    await thread.stop();
    connection.closeSync();
  }
}

async function taskOver(
  connection: DuckDBConnection,
  sizes: readonly number[],
  random: () => number,
): Promise<{ task: CountTask; queryMs: number }> {
  const cells = sizes.reduce((product, size) => product * size, 1);
  // Uneven: a tenth to ten times the middle, and one in ten empty.
  const counts = Array.from({ length: cells }, () =>
    random() < 0.1 ? 0 : Math.ceil(-Math.log(random()) * MEAN_COUNT * 10 ** (random() - 0.5)),
  );
  const strides = sizes.map((_, d) => sizes.slice(d + 1).reduce((product, size) => product * size, 1));
  const columns = sizes.map((size, d) => `'level ' || ((cell // ${strides[d]}) % ${size}) as d${d}`).join(', ');
  await connection.run(
    `create or replace table patients as select ${columns}, cell || '-' || number as patient_key
     from (select unnest(range(${cells})) as cell, unnest([${counts.join()}]) as count), unnest(range(count)) as _ (number)`,
  );
  const dimensions = sizes.map((_, d) => ({ column: `d${d}`, kind: 'text' as const, values: undefined }));
  const question = { view: 'patients', version: 1, dimensions, filters: [] };
  const positions = new Map([[1, 0]]);
  const statement = countStatement([{ question, positions }], 'patient', 100_000);
  const startedMs = performance.now();
  const reader = await connection.runAndReadAll(`with rows0 as (select * from patients) ${statement.sql}`, [
    ...statement.parameters,
  ]);
  const rows = reader.getRowObjects() as unknown as CountRow[];
  const queryMs = performance.now() - startedMs;
  const project = { name: 'bench', unit: 'patient' as const, threshold: THRESHOLD };
  return { task: { question, project, positions, asked: [], rows }, queryMs };
}

/** The same numbers in 0..1 each time (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
