import { type Connection } from '@chartledger/database';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { openStages, type StagesOptions, type TestDatabase, type TestStages } from '@chartledger/testing';
import { FeaturesProjection } from '../features/features.projection.js';
import { FeatureStore } from '../features/feature-store.js';
import { PersonsProjection } from '../persons/persons.projection.js';
import { PersonsReader } from '../persons/persons-reader.js';
import { DecisionIds } from './decision-ids.js';
import { DecisionLock } from './decision-lock.js';
import { Matcher, type MatcherContext } from './matcher.js';
import { modelReader } from './model-entry.js';

export const CHAIN = 1;

/** The stages with matching over them. */
export interface MatchingStages {
  stages: TestStages;
  reader: PersonsReader;
  lock: DecisionLock;
  ids: DecisionIds;
  /** Starts a matcher; it is stopped with the stages. `over` replaces what it stands on. */
  startMatcher(over?: Partial<MatcherContext>): Matcher;
  /** Sends Patients of sources: `{ 'st-mary/p1': {name: …} }`; undefined deletes. Resolves with the last seq. */
  send(patients: Readonly<Record<string, object | undefined>>): Promise<number>;
  /** Records by person, each list in order, in order of their first: the partition. */
  partition(): Promise<string[][]>;
  stop(): Promise<void>;
}

export async function openMatching(
  connection: Connection,
  dataDir: string,
  options: StagesOptions = {},
): Promise<MatchingStages> {
  const stages = await openStages(connection, dataDir, {
    ...options,
    projections: (_tokens, keys) => [new FeaturesProjection(keys), new PersonsProjection()],
  });
  const { pool, views, ledger, opener, dataKeys, keys, logger } = stages;
  const lock = new DecisionLock(pool);
  const ids = new DecisionIds(keys.pseudonym);
  const matchers: Matcher[] = [];
  return {
    stages,
    reader: new PersonsReader(pool, views, opener),
    lock,
    ids,
    startMatcher: (over = {}) => {
      const matcher = new Matcher({
        pool,
        views,
        chains: [CHAIN],
        features: new FeatureStore(pool, dataKeys),
        modelAt: modelReader(ledger, opener),
        ids,
        lock,
        submit: stages.submit,
        logger,
        ...over,
      });
      views.listen((chain, entries) => matcher.publish(chain, entries));
      matchers.push(matcher);
      matcher.start();
      return matcher;
    },
    send: async (patients) => {
      let last = -1;
      for (const [name, elements] of Object.entries(patients)) {
        const [source, id] = name.split('/');
        const body = elements && JSON.stringify({ resourceType: 'Patient', id, ...elements });
        const { seq } = await stages.send(
          { method: elements ? 'PUT' : 'DELETE', source, id, recordFindings: true },
          body,
        );
        last = seq;
      }
      return last;
    },
    partition: async () => {
      const { schema, applied } = await views.upToDate('persons', SYSTEM_CHAIN);
      const { rows } = await pool.query<{ names: string[] }>(
        `select array_agg(source || '/' || patient order by source || '/' || patient collate "C") as names
         from ${schema}.member where seq_from <= $1 and seq_to > $1 group by person order by 1`,
        [applied],
      );
      return rows.map(({ names }) => names).sort((a, b) => (a[0] < b[0] ? -1 : 1));
    },
    stop: async () => {
      for (const matcher of matchers) await matcher.stop();
      await stages.stop();
    },
  };
}

/** Work on stages with a database of their own, which are stopped whatever comes of it. */
export async function withMatching<T>(
  database: TestDatabase,
  work: (matching: MatchingStages) => Promise<T>,
): Promise<T> {
  const matching = await openMatching(await database.another(), database.dataDir);
  try {
    return await work(matching);
  } finally {
    await matching.stop();
  }
}
