import { randomUUID } from 'node:crypto';
import { ChainAppender, encodeContext, type Draft, type EntryContext } from '@chartledger/ledger';
import { encodeHeader } from '@chartledger/projection';
import { recordPseudonym, sealedBytes, sealPayload, type DataKey } from '@chartledger/security';
import { type Store } from '../../../chartledger/src/store.js';

const BATCH = 1_000;
const SOURCE = 'bench';
/** One in so many entries is a new version of an Observation before. */
const UPDATE_EVERY = 10;
const OBSERVATIONS_A_PATIENT = 100;

/** Observations as Synthea writes them, of 9 columns' worth, encrypted and linked as the sequencer does it. */
export async function fillObservations(store: Store, count: number): Promise<void> {
  const appender = await ChainAppender.open(store.ledger, 1, Date.now);
  for (let from = 0; from < count; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => from + index);
    const keys = await store.dataKeys.ensure(new Set(numbers.map(ownerOf)), new Set());
    const submission = randomUUID();
    await appender.append(
      numbers.map((number, part) =>
        draft(store, keys.get(ownerOf(number))!, { submission, part, parts: numbers.length }, number),
      ),
    );
  }
}

/** Registers a ViewDefinition as a client would. */
export async function registerView(store: Store, id: string, definition: object): Promise<void> {
  const appender = await ChainAppender.open(store.ledger, 0, Date.now);
  const record = recordPseudonym(store.keys.pseudonym, 'chartledger', 'ViewDefinition', id);
  const keys = await store.dataKeys.ensure(new Set([record]), new Set());
  const context: EntryContext = {
    actor: 'bench',
    kind: 'fhir.create',
    part: 0,
    parts: 1,
    record,
    source: 'chartledger',
    submission: randomUUID(),
    type: 'ViewDefinition',
    version: 1,
  };
  await appender.append([sealed(keys.get(record)!, context, id, JSON.stringify(definition))]);
}

function draft(
  store: Store,
  key: DataKey,
  place: Pick<EntryContext, 'submission' | 'part' | 'parts'>,
  number: number,
): Draft {
  const isUpdate = number % UPDATE_EVERY === UPDATE_EVERY - 1;
  const id = `o${isUpdate ? number - UPDATE_EVERY / 2 : number}`;
  const context: EntryContext = {
    actor: 'bench',
    kind: isUpdate ? 'fhir.update' : 'fhir.create',
    ...place,
    record: recordPseudonym(store.keys.pseudonym, SOURCE, 'Observation', id),
    source: SOURCE,
    type: 'Observation',
    version: isUpdate ? 2 : 1,
  };
  return sealed(key, context, id, observation(id, number));
}

function sealed(key: DataKey, context: EntryContext, id: string, text: string): Draft {
  const { type } = context;
  const plaintext = Buffer.concat([
    encodeHeader({ method: 'PUT', url: `${type}/${id}`, id, requestId: 'bench' }),
    Buffer.from(text),
  ]);
  const payload = Buffer.allocUnsafe(sealedBytes(plaintext.length));
  const digest = sealPayload(key, encodeContext(context), plaintext, payload);
  return { context, payload, digest };
}

function ownerOf(number: number): string {
  return Math.floor(number / OBSERVATIONS_A_PATIENT)
    .toString(16)
    .padStart(64, '0');
}

const CODES = ['8302-2', '29463-7', '39156-5', '8462-4', '8480-6', '8867-4', '9279-1', '72514-3'];

function observation(id: string, number: number): string {
  const day = String((number % 28) + 1).padStart(2, '0');
  const code = CODES[number % CODES.length];
  const at = `2024-0${(number % 9) + 1}-${day}T08:${day}:00-05:00`;
  return JSON.stringify({
    resourceType: 'Observation',
    id,
    meta: { profile: ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-vital-signs'] },
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'vital-signs',
            display: 'Vital signs',
          },
        ],
      },
    ],
    code: {
      coding: [{ system: 'http://loinc.org', code, display: `Measurement ${code}` }],
      text: `Measurement ${code}`,
    },
    subject: { reference: `Patient/p${Math.floor(number / OBSERVATIONS_A_PATIENT)}` },
    encounter: { reference: `Encounter/e${Math.floor(number / 10)}` },
    effectiveDateTime: at,
    issued: `2024-0${(number % 9) + 1}-${day}T08:${day}:00.123-05:00`,
    valueQuantity: { value: 50 + (number % 997) / 10, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  });
}

/** Nine columns. */
export const OBSERVATION_VIEW = {
  resourceType: 'ViewDefinition',
  id: 'observation',
  name: 'observation',
  status: 'active',
  resource: 'Observation',
  select: [
    {
      column: [
        { name: 'id', path: 'getResourceKey()', type: 'string' },
        { name: 'patient_id', path: 'subject.getReferenceKey(Patient)', type: 'string' },
        { name: 'encounter_id', path: 'encounter.getReferenceKey(Encounter)', type: 'string' },
        { name: 'status', path: 'status', type: 'code' },
        { name: 'category', path: 'category.coding.code.first()', type: 'code' },
        { name: 'code', path: "code.coding.where(system = 'http://loinc.org').code.first()", type: 'code' },
        { name: 'effective', path: 'effective.ofType(dateTime)', type: 'dateTime' },
        { name: 'value', path: 'value.ofType(Quantity).value', type: 'decimal' },
        { name: 'unit', path: 'value.ofType(Quantity).unit', type: 'string' },
      ],
    },
  ],
};
