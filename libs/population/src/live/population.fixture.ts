import { join } from 'node:path';
import { formatPosition, type Positions, type StoredEntry } from '@chartledger/ledger';
import { ANONYMOUS } from '@chartledger/platform';
import { recordPseudonym, ShreddedKeys } from '@chartledger/security';
import { systemSubmission, type SystemChange } from '@chartledger/sequence';
import { temporaryFolder, type TestStages } from '@chartledger/testing';
import { type ServiceContext } from '../query/population-service.js';
import { PopulationStore } from '../store/population-store.js';
import { PopulationProjector } from './projector.js';
import { RowAnswers, rowRequest, transferableMade, transferableRequest } from './row-messages.js';
import { type MadeRows, type MadeView } from './row-maker.js';
import { type RowSource } from './row-source.js';

export const CHAINS = [0, 1];

/** Live views over the stages of a test, in a file of their own. */
export interface TestPopulation {
  path: string;
  store: PopulationStore;
  projector: PopulationProjector;
  stop(): Promise<void>;
}

/** As `RowsThread`, but in this thread: what is sent and answered is cloned as it is between threads. */
class ClonedRows implements RowSource {
  private readonly answers = new RowAnswers();
  private readonly known = new Set<number>();

  constructor(private readonly opener: TestStages['opener']) {}

  async make(views: readonly MadeView[], stored: readonly StoredEntry[]): Promise<MadeRows> {
    const asked = views.map(({ no, definition }) => (this.known.has(no) ? { no } : { no, definition }));
    for (const { no } of views) this.known.add(no);
    const request = rowRequest(0, asked, stored, await this.opener.keysOf(stored));
    const made = this.answers.answer(structuredClone(request, { transfer: transferableRequest(request) }));
    return structuredClone(made, { transfer: transferableMade(made) });
  }

  async rest(): Promise<void> {
    // It holds nothing that must be given back.
  }
}

export async function openPopulation(stages: TestStages, path?: string): Promise<TestPopulation> {
  const file = path ?? join(await temporaryFolder(), 'views.duckdb');
  const store = await PopulationStore.open(file);
  const { ledger, opener, logger } = stages;
  const projector = new PopulationProjector({
    store,
    ledger,
    opener,
    chains: CHAINS,
    logger,
    fillRows: new ClonedRows(opener),
    manyEntries: 0,
  });
  await projector.start();
  return {
    path: file,
    store,
    projector,
    stop: async () => {
      await projector.stop();
      await store.close();
    },
  };
}

let submissions = 0;

/** Writes records of the system's own source. @returns the seq on chain 0. */
export async function system(stages: TestStages, ...changes: SystemChange[]): Promise<number> {
  const id = `00000000-0000-8000-8000-${String((submissions += 1)).padStart(12, '0')}`;
  const { seq } = await stages.submit(systemSubmission({ actor: ANONYMOUS, id, requestId: 'test', changes }));
  return seq;
}

export function personOf(id: string, patients: readonly string[]): SystemChange {
  const link = patients.map((patient) => ({ target: { reference: `clinic/Patient/${patient}` } }));
  return {
    type: 'Person',
    id,
    resource: { resourceType: 'Person', id, ...(link.length > 0 ? { link } : {}) },
    kind: 'person.link',
  };
}

export function viewOf(id: string, definition: object): SystemChange {
  return {
    type: 'ViewDefinition',
    id,
    resource: { resourceType: 'ViewDefinition', id, name: id, status: 'active', ...definition },
  };
}

export async function heads({ ledger }: TestStages): Promise<Positions> {
  return new Map(await Promise.all(CHAINS.map(async (chain) => [chain, (await ledger.head(chain)).seq] as const)));
}

export function written(positions: Positions): string {
  return [...positions].map(([chain, seq]) => formatPosition(chain, seq)).join(',');
}

/** What a `PopulationService` is told of keys that are destroyed in the database of the stages. */
export function shreddingOf({ pool, dataKeys, keys }: TestStages): Pick<ServiceContext, 'shredded' | 'pseudonymOf'> {
  return {
    shredded: (keeper) =>
      new ShreddedKeys(pool, dataKeys, keeper, (error) => {
        throw error;
      }),
    pseudonymOf: (source, type, id) => recordPseudonym(keys.pseudonym, source, type, id),
  };
}
