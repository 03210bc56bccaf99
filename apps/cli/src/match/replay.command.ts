import { type Command } from 'commander';
import { poolOf } from '@chartledger/database';
import {
  DecisionIds,
  modelReader,
  PERSONS,
  PersonsProjection,
  replayDecision,
  type Replay,
} from '@chartledger/matching';
import { WatchedViews } from '@chartledger/projection';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { type Store } from '../../../chartledger/src/store.js';
import { withStore } from '../data.js';
import { EXIT, print, printJson } from '../output.js';

/** `chartledger match replay POSITION`. */
export function addReplay(match: Command): void {
  match
    .command('replay')
    .description('make a decision on a person again from the ledger, and compare it bit for bit')
    .argument('<position>', "the position of one of the decision's entries, such as 0:812")
    .option('--json', 'print one JSON line', false)
    .action(async (position: string, { json }: { json: boolean }) => {
      const replay = await withStore((store) => replayIn(store, position));
      if (json) printJson({ ...replay });
      else for (const line of linesOf(replay)) print(line);
      process.exitCode = replay.isSame ? EXIT.done : EXIT.foundWrong;
    });
}

async function replayIn(store: Store, position: string): Promise<Replay> {
  const { ledger, opener, keys } = store;
  const pool = poolOf(store.source);
  const views = new WatchedViews(pool, ledger, [new PersonsProjection()], [SYSTEM_CHAIN]);
  await views.start();
  const context = {
    pool,
    ledger,
    opener,
    ids: new DecisionIds(keys.pseudonym),
    modelAt: modelReader(ledger, opener),
    persons: views.view(PERSONS, SYSTEM_CHAIN).schema,
  };
  return replayDecision(context, position);
}

function linesOf({ position, first, by, model, records, entries, isSame, differences }: Replay): string[] {
  if (by === 'steward') return [`${position}: a steward's decision; it stands as it was made`];
  const what = `${position}: ${entries} entries from ${first} on, ${records} records, by ${model}`;
  return isSame ? [`${what}: the same again, bit for bit`] : [`${what}: it comes out otherwise`, ...differences];
}
