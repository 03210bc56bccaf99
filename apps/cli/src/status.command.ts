import { type Command } from 'commander';
import { runningEmbeddedPostgres } from '@chartledger/database';
import { readConfig } from '@chartledger/platform';
import { activeGeneration, readPosition, schemaOf } from '@chartledger/projection';
import { poolOf } from '@chartledger/database';
import { projections } from '../../chartledger/src/base.js';
import { type Store } from '../../chartledger/src/store.js';
import { withStore } from './data.js';
import { EXIT, print, printJson, thousands } from './output.js';

interface Status {
  dataDir: string;
  databaseRuns: boolean;
  chains: {
    chain: number;
    entries: number;
    checkpoint: { size: number; time: string } | null;
    views: Record<string, number>;
  }[];
  sources: { name: string; chain: number }[];
}

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show the chains, their checkpoints, the views and the sources')
    .option('--json', 'print one JSON line', false)
    .action(async ({ json }: { json: boolean }) => {
      const config = readConfig();
      const databaseRuns = config.databaseUrl !== undefined || runningEmbeddedPostgres(config.dataDir) !== undefined;
      const status = await withStore((store) => read(store, databaseRuns), config);
      if (json) printJson(status);
      else tell(status);
      process.exitCode = EXIT.done;
    });
}

async function read(store: Store, databaseRuns: boolean): Promise<Status> {
  const pool = poolOf(store.source);
  const views = await Promise.all(
    projections(store).map(async (projection) => ({
      projection,
      generation: await activeGeneration(pool, projection),
    })),
  );
  const chains = [];
  for (const chain of store.chains) {
    const positions: Record<string, number> = {};
    for (const { projection, generation } of views) {
      if (projection.reads(chain))
        positions[projection.name] = await readPosition(pool, projection.name, generation, chain);
    }
    const last = await store.checkpoints.last(chain);
    const { seq } = await store.ledger.head(chain);
    chains.push({
      chain,
      entries: seq + 1,
      checkpoint: last ? { size: last.size, time: last.time } : null,
      views: positions,
    });
  }
  const { generation } = views.find(({ projection }) => projection.name === 'sources')!;
  const { rows } = await pool.query<{ name: string; chain: number }>(
    `select name, chain from ${schemaOf('sources', generation)}.source order by name`,
  );
  return { dataDir: store.config.dataDir, databaseRuns, chains, sources: rows };
}

function tell({ dataDir, databaseRuns, chains, sources }: Status): void {
  print(`${dataDir}: the database ${databaseRuns ? 'is running' : 'was started to look, and is stopped again'}`);
  for (const { chain, entries, checkpoint, views } of chains) {
    const signed = checkpoint ? `signed to ${thousands(checkpoint.size)} at ${checkpoint.time}` : 'not signed yet';
    print(`chain ${chain}: ${thousands(entries)} entries, ${signed}`);
    for (const [view, position] of Object.entries(views)) {
      const lag = entries - 1 - position;
      print(`  ${view}: ${lag === 0 ? 'up to date' : `${thousands(lag)} entries behind`}`);
    }
    const names = sources.filter((source) => source.chain === chain).map((source) => source.name);
    if (names.length > 0) print(`  sources: ${names.join(', ')}`);
  }
}
