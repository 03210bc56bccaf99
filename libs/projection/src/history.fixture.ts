import fc from 'fast-check';

/** What one request sends: a single change, or a Bundle. */
export type Request =
  | {
      kind: 'resource';
      method: 'PUT' | 'POST' | 'DELETE';
      type: string;
      id: string | undefined;
      body: object | undefined;
    }
  | { kind: 'bundle'; body: object };

const SYSTEM = 'http://clinic.example/numbers';

const patientId = fc.constantFrom('p1', 'p2', 'p3');
const observationId = fc.constantFrom('o1', 'o2', 'o3', 'o4');
const number = fc.constantFrom('n1', 'n2', 'n3');
const family = fc.constantFrom('Chalmers', 'Windsor', 'Ødegård 李');

const patient = (id: string | undefined, family: string, numbers: readonly string[]): object => ({
  resourceType: 'Patient',
  id,
  identifier: numbers.map((value, at) => (at % 2 ? { value } : { system: SYSTEM, value })),
  name: [{ family }],
});

/** References in all the forms that a source sends: to a record, to a version of it, absolute, contained, none. */
const reference = fc.oneof(
  patientId.map((id) => `Patient/${id}`),
  patientId.map((id) => `Patient/${id}/_history/1`),
  patientId.map((id) => `https://elsewhere.example/fhir/Patient/${id}`),
);

const observation = (id: string | undefined, subject: string, value: number): object => ({
  resourceType: 'Observation',
  id,
  contained: [{ resourceType: 'Device', id: 'd', patient: { reference: subject } }],
  status: 'final',
  code: { text: 'weight' },
  subject: { reference: subject },
  device: { reference: '#d' },
  focus: [{ reference: subject }, { reference: 'Patient/p1' }],
  valueQuantity: { value },
});

const single: fc.Arbitrary<Request> = fc.oneof(
  fc
    .tuple(patientId, family, fc.array(number, { maxLength: 2 }))
    .map(([id, name, numbers]) => put('Patient', id, patient(id, name, numbers))),
  fc
    .tuple(observationId, reference, fc.nat(2))
    .map(([id, subject, value]) => put('Observation', id, observation(id, subject, value))),
  fc.tuple(reference, fc.nat(2)).map(([subject, value]): Request => ({
    kind: 'resource',
    method: 'POST',
    type: 'Observation',
    id: undefined,
    body: observation(undefined, subject, value),
  })),
  patientId.map((id): Request => ({ kind: 'resource', method: 'DELETE', type: 'Patient', id, body: undefined })),
  observationId.map((id): Request => ({
    kind: 'resource',
    method: 'DELETE',
    type: 'Observation',
    id,
    body: undefined,
  })),
);

/** New records that refer to each other before and after they come, to a known person by search, and a Provenance. */
const transaction: fc.Arbitrary<Request> = fc
  .tuple(family, observationId, fc.boolean(), fc.uuid())
  .map(([name, id, knowsPatient, uuid]): Request => {
    const subject = knowsPatient ? `Patient?identifier=${SYSTEM}|anchor` : `urn:uuid:${uuid}`;
    const own = 'urn:uuid:11111111-1111-4111-8111-111111111111';
    const entry = [
      entryOf('PUT', `Observation/${id}`, observation(id, subject, 7), own),
      entryOf('POST', 'Observation', observation(undefined, subject, 8)),
      ...(knowsPatient ? [] : [entryOf('POST', 'Patient', patient(undefined, name, ['n9']), `urn:uuid:${uuid}`)]),
      entryOf('POST', 'Provenance', provenance([own, 'Observation/o1/_history/1', subject])),
    ];
    return { kind: 'bundle', body: { resourceType: 'Bundle', type: 'transaction', entry } };
  });

const batch: fc.Arbitrary<Request> = fc.array(single, { minLength: 1, maxLength: 5 }).map((requests): Request => ({
  kind: 'bundle',
  body: {
    resourceType: 'Bundle',
    type: 'batch',
    entry: requests.flatMap((one) =>
      one.kind === 'resource' ? [entryOf(one.method, one.id ? `${one.type}/${one.id}` : one.type, one.body)] : [],
    ),
  },
}));

/** The record that the transactions find by search. */
export const ANCHOR: Request = put('Patient', 'anchor', {
  resourceType: 'Patient',
  id: 'anchor',
  identifier: [{ system: SYSTEM, value: 'anchor' }],
});

/** What sources send over some time. Some of it is refused, when a search finds nothing. */
export const histories: fc.Arbitrary<Request[]> = fc.array(
  fc.oneof({ weight: 4, arbitrary: single }, { weight: 2, arbitrary: transaction }, { weight: 1, arbitrary: batch }),
  { minLength: 5, maxLength: 40 },
);

function put(type: string, id: string, body: object): Request {
  return { kind: 'resource', method: 'PUT', type, id, body };
}

function entryOf(method: string, url: string, resource: object | undefined, fullUrl?: string): object {
  return { fullUrl, resource, request: { method, url } };
}

function provenance(targets: readonly string[]): object {
  return {
    resourceType: 'Provenance',
    target: targets.map((target) => ({ reference: target })),
    recorded: '2024-03-01T08:00:00Z',
    agent: [{ who: { display: 'intake' } }],
  };
}
