import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openStages, startTestDatabase, type TestDatabase, type TestStages } from '@chartledger/testing';
import { rowsOf } from '../store/duck-file.js';
import { viewRelation } from '../query/snapshot.js';
import { heads, openPopulation, personOf, system, viewOf, written, type TestPopulation } from './population.fixture.js';

const VITALS = {
  resource: 'Observation',
  select: [
    {
      column: [
        { name: 'id', path: 'id', type: 'id' },
        { name: 'weight', path: 'value.ofType(Quantity).value', type: 'decimal' },
      ],
    },
  ],
};
const NAMES = {
  resource: 'Patient',
  select: [
    {
      forEach: 'name',
      column: [{ name: 'family', path: 'family' }],
    },
  ],
};

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

interface Row {
  record: string;
  version: number;
  patient: string | null;
  person: string | null;
  values: unknown[];
}

interface Content {
  name?: { family?: string }[];
  link?: { target: { reference: string } }[];
  subject?: { reference: string };
  valueQuantity?: { value: number };
}

/** The rows of the views at positions, in plain JavaScript over every entry of the ledger. */
async function expectedRows(stages: TestStages, at: ReadonlyMap<number, number>): Promise<Record<string, Row[]>> {
  const current = new Map<string, Row[]>();
  const owners = new Map<string, string>();
  for (const chain of [0, 1]) {
    for await (const batch of stages.ledger.read(chain, 0, at.get(chain)! + 1)) {
      for (const { envelope, content } of await stages.opener.open(batch)) {
        const { type, kind, version } = envelope;
        if (kind === 'fhir.confirm' || kind === 'source.register') continue;
        const id = content!.header.id;
        const isDelete = kind === 'fhir.delete';
        const resource = isDelete ? undefined : (JSON.parse(content!.text.toString()) as Content);
        if (chain === 0) {
          if (type !== 'Person') continue;
          for (const [patient, owner] of owners) if (owner === id) owners.delete(patient);
          for (const { target } of resource?.link ?? []) owners.set(target.reference, id);
          continue;
        }
        const subject = resource?.subject?.reference;
        const patient =
          type === 'Patient' ? `clinic/Patient/${id}` : subject && `clinic/${subject.split('/_history')[0]}`;
        const values: unknown[][] = !resource
          ? []
          : type === 'Patient'
            ? (resource.name ?? []).map(({ family }) => [family ?? null])
            : [[id, resource.valueQuantity?.value ?? null]];
        current.set(
          `${type}/${id}`,
          values.map((row) => ({
            record: `${type}/${id}`,
            version,
            patient: patient ?? null,
            person: null,
            values: row,
          })),
        );
      }
    }
  }
  const rows = [...current.values()].flat();
  for (const row of rows) {
    const owner = row.patient === null ? undefined : owners.get(row.patient);
    row.person = owner ? `Person/${owner}` : row.patient;
  }
  const of = (type: string): Row[] => sorted(rows.filter(({ record }) => record.startsWith(`${type}/`)));
  return { vitals: of('Observation'), names: of('Patient') };
}

async function actualRows(
  { store, projector }: TestPopulation,
  asOf?: ReadonlyMap<number, number>,
): Promise<Record<string, Row[]>> {
  return store.read(async (connection) => {
    const found: Record<string, Row[]> = {};
    for (const view of projector.live) {
      const own = view.source.columns.map(({ name }) => name);
      const rows = await rowsOf<Record<string, unknown>>(connection, viewRelation(view, { asOf }));
      found[view.row.id] = sorted(
        rows.map((row) => ({
          record: row._record as string,
          version: row._version as number,
          patient: row.patient_key as string | null,
          person: row.person_key as string | null,
          values: own.map((name) => row[name]),
        })),
      );
    }
    return found;
  });
}

function sorted(rows: Row[]): Row[] {
  return rows
    .map((row) => [JSON.stringify(row), row] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row);
}

type Step =
  | { do: 'patient'; id: string; families: string[] }
  | { do: 'observation'; id: string; subject: string | undefined; weight: number | undefined }
  | { do: 'delete'; type: 'Patient' | 'Observation'; id: string }
  | { do: 'persons'; persons: { id: string; patients: string[] }[] }
  | { do: 'restart' };

const patientId = fc.constantFrom('p1', 'p2', 'p3');
const observationId = fc.constantFrom('o1', 'o2', 'o3');
const families = fc.array(fc.constantFrom('Chalmers', 'Windsor', 'Ødegård 李'), { maxLength: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('patient' as const), id: patientId, families }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('observation' as const),
      id: observationId,
      subject: fc
        .option(fc.tuple(patientId, fc.constantFrom('', '/_history/1')), { nil: undefined })
        .map((one) => (one ? `Patient/${one.join('')}` : undefined)),
      weight: fc.option(fc.nat(9), { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.oneof(
      patientId.map((id): Step => ({ do: 'delete', type: 'Patient', id })),
      observationId.map((id): Step => ({ do: 'delete', type: 'Observation', id })),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('persons' as const),
      persons: fc.uniqueArray(fc.record({ id: fc.constantFrom('x', 'y', 'z'), patients: fc.uniqueArray(patientId) }), {
        selector: ({ id }) => id,
        minLength: 1,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'restart' }) },
);

async function take(stages: TestStages, one: Exclude<Step, { do: 'restart' }>): Promise<void> {
  switch (one.do) {
    case 'patient': {
      const name = one.families.map((family) => ({ family }));
      const resource = { resourceType: 'Patient', id: one.id, ...(name.length > 0 ? { name } : {}) };
      await stages.send({ id: one.id }, JSON.stringify(resource));
      return;
    }
    case 'observation': {
      const resource = {
        resourceType: 'Observation',
        id: one.id,
        status: 'final',
        code: { text: 'weight' },
        ...(one.subject ? { subject: { reference: one.subject } } : {}),
        ...(one.weight === undefined ? {} : { valueQuantity: { value: one.weight } }),
      };
      await stages.send({ type: 'Observation', id: one.id }, JSON.stringify(resource));
      return;
    }
    case 'delete':
      await stages.send({ method: 'DELETE', type: one.type, id: one.id });
      return;
    case 'persons':
      await system(stages, ...one.persons.map(({ id, patients }) => personOf(id, patients)));
  }
}

describe('live views', () => {
  it('equal what is made from scratch, at every position, however they came to be', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), fc.nat(30), async (steps, late) => {
        const stages = await openStages(await database.another(), database.dataDir);
        let population = await openPopulation(stages);
        try {
          await system(stages, viewOf('vitals', VITALS));
          const seen = [await heads(stages)];
          for (const [index, one] of steps.entries()) {
            // The second view is registered in the middle: it is filled from the oldest entry.
            if (index === Math.min(late, steps.length - 1)) await system(stages, viewOf('names', NAMES));
            if (one.do === 'restart') {
              await population.stop();
              population = await openPopulation(stages, population.path);
            } else {
              await take(stages, one);
            }
            seen.push(await heads(stages));
          }
          await population.projector.reached(await heads(stages));
          await population.projector.filled();
          await population.projector.reached(await heads(stages));
          expect(await actualRows(population)).toEqual(await expectedRows(stages, await heads(stages)));
          const places = new Map(seen.map((positions) => [written(positions), positions]));
          for (const positions of places.values()) {
            expect(await actualRows(population, positions)).toEqual(await expectedRows(stages, positions));
          }
          await population.projector.rebuild();
          await population.projector.filled();
          for (const positions of places.values()) {
            expect(await actualRows(population, positions)).toEqual(await expectedRows(stages, positions));
          }
        } finally {
          await population.stop();
          await stages.stop();
        }
      }),
      { numRuns: 6 },
    );
  }, 60_000);
});
