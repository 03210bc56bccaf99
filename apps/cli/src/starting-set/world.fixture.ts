import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANONYMOUS } from '@chartledger/platform';
import {
  LockedSql,
  PopulationProjector,
  PopulationService,
  PopulationStore,
  STARTING_QUERIES,
  STARTING_VIEWS,
  startingMeasures,
} from '@chartledger/population';
import { recordPseudonym, ShreddedKeys } from '@chartledger/security';
import { systemSubmission, type SystemChange } from '@chartledger/sequence';
import { openStages, startTestDatabase, temporaryFolder, type TestStages } from '@chartledger/testing';

export interface Resource {
  resourceType: string;
  id: string;
  [element: string]: unknown;
}

/** What there is, as plain resources: what the queries are held against. */
export interface State {
  /** By `source/Type/id`. */
  records: ReadonlyMap<string, Resource>;
  /** The patients, `source/Patient/id`, of each Person. */
  persons: ReadonlyMap<string, readonly string[]>;
}

export type Positions = (readonly [chain: number, seq: number])[];
export type Row = Record<string, unknown>;
type Change = { source: string; resource: Resource };

/** What runs SQL of users, as it was built. */
const PROGRAM = new URL('../../../../dist/libs/population/src/locked-sql/locked-sql.worker.js', import.meta.url);
const CHAINS = [0, 1];
/** A transaction of so many records is a file that hospitals send. */
const BATCH = 200;

/** The starting set over a ledger, and beside it the same records as plain data. */
export interface World {
  readonly state: State;
  put(changes: readonly Change[]): Promise<void>;
  remove(source: string, type: string, id: string): Promise<void>;
  /** Says who is one person; nobody where `patients` is empty. */
  person(id: string, patients: readonly string[]): Promise<void>;
  system(...changes: SystemChange[]): Promise<void>;
  positions(): Promise<Positions>;
  /** The rows of a query of the starting set, as an analyst gets them. */
  run(library: string, parameters: Row, asOf?: Positions): Promise<Row[]>;
  stop(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const database = await startTestDatabase();
  const stages = await openStages(await database.another(), database.dataDir);
  const folder = await temporaryFolder();
  const store = await PopulationStore.open(join(folder, 'views.duckdb'));
  const { ledger, opener, logger, pool, dataKeys, keys } = stages;
  const projector = new PopulationProjector({ store, ledger, opener, chains: CHAINS, logger });
  await projector.start();
  const locked = new LockedSql({ program: PROGRAM });
  const service = new PopulationService({
    store,
    projector,
    locked,
    ledger,
    opener,
    folder,
    shredded: (keeper) =>
      new ShreddedKeys(pool, dataKeys, keeper, (error) => {
        throw error;
      }),
    pseudonymOf: (source, type, id) => recordPseudonym(keys.pseudonym, source, type, id),
    projectMaster: randomBytes(32),
  });
  await service.start();
  const records = new Map<string, Resource>();
  const persons = new Map<string, readonly string[]>();
  let submissions = 0;
  const system = async (...changes: SystemChange[]): Promise<void> => {
    const id = `00000000-0000-8000-8000-${String((submissions += 1)).padStart(12, '0')}`;
    await stages.submit(systemSubmission({ actor: ANONYMOUS, id, requestId: 'test', changes }));
  };
  const positions = (): Promise<Positions> =>
    Promise.all(CHAINS.map(async (chain) => [chain, (await ledger.head(chain)).seq] as const));
  await system(...startingSet());
  return {
    state: { records, persons },
    system,
    positions,
    put: async (changes) => {
      for (const source of new Set(changes.map((change) => change.source))) {
        const of = changes.filter((change) => change.source === source);
        for (let from = 0; from < of.length; from += BATCH) await send(stages, source, of.slice(from, from + BATCH));
      }
      for (const { source, resource } of changes) records.set(keyOf(source, resource), resource);
    },
    remove: async (source, type, id) => {
      await stages.send({ method: 'DELETE', source, type, id });
      records.delete(`${source}/${type}/${id}`);
    },
    person: async (id, patients) => {
      const link = patients.map((reference) => ({ target: { reference } }));
      const resource = { resourceType: 'Person', id, ...(link.length > 0 ? { link } : {}) };
      await system({ type: 'Person', id, resource, kind: 'person.link' });
      persons.set(id, patients);
    },
    run: async (library, parameters, asOf) => {
      const { file } = await service.run({
        request: {
          subjects: [{ reference: `Library/${library}`, parameters: typed(library, parameters) }],
          patients: [],
          groups: [],
          context: [],
          resources: [],
          header: true,
        },
        format: 'ndjson',
        until: await positions(),
        ...(asOf ? { asOf } : {}),
      });
      const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
      return lines.map((line) => JSON.parse(line) as Row);
    },
    stop: async () => {
      await service.stop();
      await locked.close();
      await projector.stop();
      await store.close();
      await stages.stop();
      await database.stop();
    },
  };
}

export function keyOf(source: string, { resourceType, id }: Resource): string {
  return `${source}/${resourceType}/${id}`;
}

function startingSet(): SystemChange[] {
  const valueSets = startingMeasures().filter(({ resourceType }) => resourceType === 'ValueSet');
  return [...STARTING_VIEWS, ...valueSets, ...STARTING_QUERIES].map((resource) => ({
    type: resource.resourceType,
    id: resource.id as string,
    resource,
  }));
}

async function send(stages: TestStages, source: string, changes: readonly Change[]): Promise<void> {
  const entry = changes.map(({ resource }) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  await stages.sendBundle(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }), { source });
}

/** Each value under the name of its declared type, as a Parameters resource has it. */
function typed(library: string, values: Row): { name: string; [value: string]: unknown }[] {
  const declared = STARTING_QUERIES.find(({ id }) => id === library)?.parameter ?? [];
  return Object.entries(values).map(([name, value]) => {
    const type = declared.find((one) => one.name === name)?.type ?? 'string';
    return { name, [`value${type[0].toUpperCase()}${type.slice(1)}`]: value };
  });
}
