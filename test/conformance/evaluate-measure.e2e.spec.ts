import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startingMeasures } from '@chartledger/population';
import {
  eventually,
  FhirHttp,
  registerSource,
  sharedFolder,
  startTestServer,
  type HttpAnswer,
  type TestServer,
} from '@chartledger/testing';

const shared = sharedFolder();
const NAME = 'ratio-Encounter-reuseObservationFunction';
const vector = shared && join(shared, 'vectors/fqm', NAME);
const given = vector ? describe : describe.skip;

interface Resource {
  resourceType: string;
  id: string;
  [element: string]: unknown;
}
type Bundle = { entry: { resource: Resource }[] };

const read = (...path: string[]): Resource[] =>
  (JSON.parse(readFileSync(join(vector!, ...path), 'utf8')) as Bundle).entry.map(({ resource }) => sound(resource));
/** As a FHIR server takes it: without empty arrays, expansions with their time, and no urn: references. */
const sound = (resource: Resource): Resource => {
  const { expansion, ...others } = Object.fromEntries(
    Object.entries(resource).filter(([, value]) => !Array.isArray(value) || value.length > 0),
  ) as Resource;
  return expansion ? { ...others, expansion: { timestamp: '2022-01-01', ...expansion } } : others;
};

let server: TestServer;
let system: FhirHttp;
beforeAll(async () => {
  server = await startTestServer();
  system = new FhirHttp(`${server.url}/fhir/chartledger`);
});
afterAll(() => server.remove());

given('$evaluate-measure over a running server', () => {
  let measure: string;
  beforeAll(async () => {
    for (const resource of read(`${NAME}-bundle.json`).reverse()) {
      const { status, text } = await system.put(`${resource.resourceType}/${resource.id}`, resource);
      expect({ status, text }).toMatchObject({ status: 201 });
      if (resource.resourceType === 'Measure') measure = resource.id;
    }
    // Half of the patients at each of two hospitals: counted together.
    const hospitals = [
      await registerSource(server.url, { name: 'north', validation: 'record' }),
      await registerSource(server.url, { name: 'south', validation: 'record' }),
    ];
    for (const [index, file] of readdirSync(join(vector!, 'patients')).entries()) {
      const resources = read('patients', file);
      const patients = resources.filter(({ resourceType }) => resourceType === 'Patient');
      for (const resource of [...patients, ...resources.filter((one) => !patients.includes(one))]) {
        const { status, text } = await hospitals[index % 2].put(`${resource.resourceType}/${resource.id}`, {
          ...resource,
          ...(resource.resourceType === 'Patient' ? {} : { subject: { reference: `Patient/${patients[0].id}` } }),
        });
        expect({ status, text }).toMatchObject({ status: 201 });
      }
    }
  });
  const evaluate = (query: string): Promise<HttpAnswer> => system.get(`Measure/${measure}/$evaluate-measure?${query}`);
  const PERIOD = 'periodStart=2022-01-01&periodEnd=2022-12-31';
  const counts = (answer: HttpAnswer): number[] =>
    answer.json<{ group: { population: { count: number }[] }[] }>().group[0].population.map(({ count }) => count);

  it('answers a report that is a record, and the same one when it is asked again', async () => {
    const answer = await evaluate(PERIOD);
    expect(answer.status).toBe(200);
    expect(counts(answer)).toEqual([10, 5, 8]);
    expect(answer.headers.get('chartledger-position')).toMatch(/^0:\d+,1:\d+$/);
    const again = await evaluate(PERIOD);
    expect(again.text).toBe(answer.text);
    const { id } = answer.json<{ id: string }>();
    expect((await system.get(`MeasureReport/${id}`)).text).toBe(answer.text);
    expect(answer.headers.get('content-location')).toBe(`${system.base}/MeasureReport/${id}`);
    const body = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'periodStart', valueDate: '2022-01-01' },
        { name: 'periodEnd', valueDate: '2022-12-31' },
        { name: 'reportType', valueCode: 'population' },
      ],
    };
    expect((await system.post(`Measure/${measure}/$evaluate-measure`, body)).text).toBe(answer.text);
    const canonical = encodeURIComponent(answer.json<{ measure: string }>().measure);
    expect((await system.get(`Measure/$evaluate-measure?measure=${canonical}&${PERIOD}`)).text).toBe(answer.text);
    const position = answer.headers.get('chartledger-position')!;
    expect((await evaluate(`${PERIOD}&_asOf=${position}`)).text).toBe(answer.text);
  });

  it('counts each hospital alone, and both together', async () => {
    const [north, south, both] = await Promise.all(
      ['&source=north', '&source=south', ''].map(async (source) => counts(await evaluate(PERIOD + source))),
    );
    expect(north.map((count, index) => count + south[index])).toEqual(both);
    expect(Math.min(north[0], south[0])).toBeGreaterThan(0);
  });

  it('lists whom a number counts, and reports on each, with the records that were touched', async () => {
    const list = await evaluate(`${PERIOD}&reportType=subject-list`);
    const { contained } = list.json<{ contained: { id: string; entry?: { item: { reference: string } }[] }[] }>();
    const [subject] = contained.find(({ id }) => id === 'group-1-population-2')!.entry!;
    const one = await evaluate(`${PERIOD}&subject=${subject.item.reference}`);
    expect(one.json()).toMatchObject({ type: 'individual', subject: { reference: subject.item.reference } });
    for (const { reference } of one.json<{ evaluatedResource: { reference: string }[] }>().evaluatedResource) {
      expect((await system.get(`${server.url}/fhir/${reference}`)).status).toBe(200);
    }
    const all = await evaluate(`${PERIOD}&reportType=subject`);
    expect(all.json<Bundle>().entry).toHaveLength(readdirSync(join(vector!, 'patients')).length);
  });

  it.each([
    ['periodEnd=2022', 'periodStart', /required/],
    ['periodStart=2022&periodEnd=2022-02-30', 'periodEnd', /FHIR date/],
    ['periodStart=2023&periodEnd=2022', 'periodEnd', /before it starts/],
    [`${PERIOD}&reportType=all`, 'reportType', /subject-list/],
    [`${PERIOD}&practitioner=x`, 'practitioner', /not supported/],
    [`${PERIOD}&nothing=x`, 'nothing', /no parameter nothing/],
    [`${PERIOD}&subject=Patient/1`, 'subject', /SOURCE\/Patient\/ID/],
    [`${PERIOD}&${PERIOD}`, 'periodStart', /twice/],
  ])('refuses ?%s with the place', async (query, place, message) => {
    const { status, json } = await evaluate(query);
    expect(status).toBe(400);
    expect(json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: expect.arrayContaining([
        expect.objectContaining({ expression: [place], diagnostics: expect.stringMatching(message) }),
      ]),
    });
  });

  it('refuses what names nothing, or a moment that cannot be honoured', async () => {
    expect((await evaluate(`${PERIOD}&source=west`)).status).toBe(404);
    expect((await evaluate(`${PERIOD}&subject=north/Patient/none`)).status).toBe(404);
    expect((await evaluate(`${PERIOD}&_asOf=1:99999`)).status).toBe(400);
    expect((await system.get(`Measure/none/$evaluate-measure?${PERIOD}`)).status).toBe(404);
    const body = { resourceType: 'Parameters', parameter: [{ name: 'periodStart', valueDate: 2022 }] };
    expect((await system.post(`Measure/${measure}/$evaluate-measure`, body)).json()).toMatchObject({
      issue: [{ expression: ['Parameters.parameter[0].valueDate'] }],
    });
  });
});

it('a person at two hospitals is one subject, with the records of both', async () => {
  for (const resource of startingMeasures()) {
    const { status, text } = await system.put(`${resource.resourceType}/${resource.id}`, resource);
    expect({ status, text }).toMatchObject({ status: 201 });
  }
  const stays = { east: ['2024-01-10', '2024-01-12'], west: ['2024-01-20', '2024-01-22'] };
  for (const [name, [start, end]] of Object.entries(stays)) {
    const hospital = await registerSource(server.url, { name });
    await hospital.put('Patient/1', {
      resourceType: 'Patient',
      id: '1',
      identifier: [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: '536-22-8714' }],
      name: [{ family: 'Oduya-Fairweather', given: ['Marguerite', 'Ottoline'] }],
      gender: 'female',
      birthDate: '1951-07-23',
      telecom: [{ system: 'phone', value: '555-867-5309' }],
      address: [{ line: ['918 Larkspur Terrace'], city: 'Millbrook', state: 'MA', postalCode: '01234' }],
    });
    // Both hospitals number their encounters from 1.
    const { status, text } = await hospital.put('Encounter/1', {
      resourceType: 'Encounter',
      id: '1',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
      subject: { reference: 'Patient/1' },
      period: { start: `${start}T08:00:00Z`, end: `${end}T08:00:00Z` },
    });
    expect({ status, text }).toMatchObject({ status: 201 });
  }
  const evaluate = (source: string): Promise<HttpAnswer> =>
    system.get(`Measure/readmission-30-days/$evaluate-measure?periodStart=2024&periodEnd=2024${source}`);
  const counted = (answer: HttpAnswer): number[] =>
    answer.json<{ group: { population: { count: number }[] }[] }>().group[0].population.map(({ count }) => count);
  // Matching follows the ledger: then the stay at one hospital is a readmission after the stay at the other.
  const both = await eventually('the two records being one person', async () => {
    const answer = await evaluate('&source=east&source=west');
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
    return counted(answer)[2] === 1 && answer;
  });
  expect(counted(both)).toEqual([2, 2, 1]);
  expect(counted(await evaluate('&source=east'))).toEqual([1, 1, 0]);
});

describe('a broken measure or library is refused with the place of the fault', () => {
  const population = (code: string, expression?: string): object => ({
    code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/measure-population', code }] },
    criteria: { language: 'text/cql-identifier', ...(expression ? { expression } : {}) },
  });
  it('Measure', async () => {
    const answer = await system.put('Measure/broken', {
      resourceType: 'Measure',
      id: 'broken',
      status: 'draft',
      library: ['http://example.org/Library/a'],
      scoring: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/measure-scoring', code: 'proportion' }] },
      group: [
        {
          population: [
            population('initial-population', 'ipp'),
            population('denominator'),
            population('measure-population', 'x'),
          ],
        },
      ],
    });
    expect(answer.status).toBe(422);
    const { issue } = answer.json<{ issue: { expression: string[]; diagnostics: string }[] }>();
    expect(issue.map(({ expression }) => expression[0])).toEqual([
      'Measure.group[0].population',
      'Measure.group[0].population[1].criteria.expression',
      'Measure.group[0].population[2].code',
    ]);
  });

  it('Library', async () => {
    const library = (content: object[]): object => ({
      resourceType: 'Library',
      id: 'broken',
      status: 'draft',
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'logic-library' }] },
      content,
    });
    const elm = {
      library: {
        identifier: { id: 'Broken' },
        annotation: [{ errorSeverity: 'error', startLine: 7, startChar: 3, message: 'Could not resolve Xyz' }],
      },
    };
    const broken = library([
      { contentType: 'application/elm+json', data: Buffer.from(JSON.stringify(elm)).toString('base64') },
    ]);
    const answer = await system.put('Library/broken', broken);
    expect(answer.status).toBe(422);
    expect(answer.json()).toMatchObject({
      issue: [
        { expression: ['Library.content[0].data'], diagnostics: expect.stringContaining('7:3: Could not resolve Xyz') },
      ],
    });
    const cql = library([{ contentType: 'text/cql', data: 'bGlicmFyeSBY' }]);
    expect((await system.put('Library/broken', cql)).json()).toMatchObject({
      issue: [{ expression: ['Library.content'] }],
    });
    const sql = library([{ contentType: 'application/sql', data: 'c2VsZWN0IDE=' }]);
    expect((await system.put('Library/broken', sql)).status).toBe(201);
  });
});
