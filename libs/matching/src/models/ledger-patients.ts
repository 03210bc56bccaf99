import { type Pool } from 'pg';
import { SYSTEM_CHAIN, type Positions } from '@chartledger/ledger';
import { type Views } from '@chartledger/projection';
import { FEATURES } from '../features/features.projection.js';
import { DEFAULT_MODEL } from '../engine/default-model.js';
import { type Model } from '../engine/model.js';
import { type PersonFields } from '../engine/person-fields.js';
import { type FeatureStore } from '../features/feature-store.js';
import { type RecordName } from '../persons/person-entries.js';
import { PERSONS } from '../persons/persons.projection.js';
import { readStanding } from '../persons/standing-persons.js';

/** What a model is trained on and compared over: the views of a ledger, as they stand, whether its server runs or not. */
export interface LedgerPatients {
  pool: Pool;
  /** Of Patients and of persons, looked at. */
  views: Views;
  features: FeatureStore;
  chains: readonly number[];
}

/** The model that was adopted last; where none was, the one that ships. */
export async function modelInForce(
  { pool, views }: Pick<LedgerPatients, 'pool' | 'views'>,
  modelAt: (seq: number) => Promise<Model>,
): Promise<Model> {
  const { schema, applied } = views.view(PERSONS, SYSTEM_CHAIN);
  const { model } = await readStanding(pool, schema, applied);
  return model === undefined ? DEFAULT_MODEL : modelAt(model);
}

/** The last position of each source's chain that the view of Patients has. */
export function patientPositions({ views, chains }: LedgerPatients): Map<number, number> {
  return new Map(
    chains.filter((chain) => chain !== SYSTEM_CHAIN).map((chain) => [chain, views.view(FEATURES, chain).applied]),
  );
}

/** Visits every Patient that stands at the positions and can be read. @param onPart told which share of them is read. */
export async function eachPatient(
  { views, features }: LedgerPatients,
  positions: Positions,
  visit: (name: RecordName, fields: PersonFields) => void,
  onPart: (share: number) => void,
): Promise<void> {
  const chains = [...positions].map(([chain, position]) => ({
    chain,
    position,
    schema: views.view(FEATURES, chain).schema,
  }));
  let total = 0;
  for (const { chain, position, schema } of chains) total += await features.count(schema, chain, position);
  let read = 0;
  for (const { chain, position, schema } of chains) {
    for await (const page of features.standing(schema, chain, position)) {
      for (const { name, fields } of page) visit(name, fields!);
      read += page.length;
      onPart(read / Math.max(1, total));
    }
  }
}
