import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FhirError } from '@chartledger/platform';
import { bodyParameters, queryParameters, readEvaluateRequest } from './evaluate-request.js';
import { withOnePatient, type Place } from './patient-records.js';
import { endOf, startOf } from './period.js';
import { addDuration, MAX_POINTS, parseDuration, readSeriesRequest } from './series-request.js';
import { apart } from './evaluator.js';
import { dataOf, subjectsOf, type Member } from './subjects.js';

const NOW = Date.parse('2024-06-15T12:00:00Z');
const given = (query: string): ReturnType<typeof queryParameters> => queryParameters(new URLSearchParams(query));
const series = (query: string): ReturnType<typeof readSeriesRequest> => readSeriesRequest('m', given(query), NOW);
const places = (read: () => unknown): string[] => {
  try {
    read();
  } catch (error) {
    return (error as FhirError).issues.map(({ expression }) => expression![0]);
  }
  return [];
};

describe('the boundaries of a FHIR date', () => {
  it.each([
    ['2024', '2024-01-01T00:00:00.000Z', '2024-12-31T23:59:59.999Z'],
    ['2024-02', '2024-02-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    ['2024-02-29T10:00:00+02:00', '2024-02-29T08:00:00.000Z', '2024-02-29T08:00:00.999Z'],
    ['2024-02-29T10:00:00.5Z', '2024-02-29T10:00:00.500Z', '2024-02-29T10:00:00.500Z'],
  ])('%s', (text, start, end) => expect([startOf(text), endOf(text)]).toEqual([start, end]));
  it.each(['2024-02-30', '2024-13', '24', '2024-01-01T10:00:00', '2024-02-30T10:00:00Z', ''])('%s is none', (text) =>
    expect([startOf(text), endOf(text)]).toEqual([undefined, undefined]),
  );
});

describe('$evaluate-measure', () => {
  it('takes the names of the operation and those of MeasureReport', () => {
    const type = (query: string): string =>
      readEvaluateRequest('m', given(`periodStart=2024&periodEnd=2024${query}`)).reportType;
    expect(
      ['', '&subject=a/Patient/1', '&reportType=population', '&reportType=subject', '&reportType=subject-list'].map(
        type,
      ),
    ).toEqual(['summary', 'individual', 'summary', 'individual', 'subject-list']);
  });
  it('names subjects by source, by absolute URL, or as a person', () => {
    const subject = (text: string): unknown =>
      readEvaluateRequest('m', given(`periodStart=2024&periodEnd=2024&subject=${encodeURIComponent(text)}`)).subject;
    expect(subject('a/Patient/1')).toEqual({ kind: 'patient', source: 'a', id: '1' });
    expect(subject('http://h:1/fhir/a/Patient/1')).toEqual({ kind: 'patient', source: 'a', id: '1' });
    expect(subject('http://h:1/fhir/chartledger/Person/x')).toEqual({ kind: 'person', id: 'x' });
  });
  it('says everything that is wrong at once', () => {
    expect(places(() => readEvaluateRequest('m', given('periodStart=x&reportType=y&z=1')))).toEqual([
      'z',
      'periodEnd',
      'periodStart',
      'reportType',
    ]);
    expect(
      places(() =>
        bodyParameters({ resourceType: 'Parameters', parameter: [{ name: 'a', valueString: 'b' }, { name: 'c' }] }),
      ),
    ).toEqual(['Parameters.parameter[1]']);
    expect(places(() => bodyParameters([]))).toEqual(['Parameters']);
  });
  it('never fails otherwise', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        try {
          readEvaluateRequest('m', bodyParameters(body));
        } catch (error) {
          expect(error).toBeInstanceOf(FhirError);
        }
      }),
    );
    const parameter = fc.record({
      name: fc.constantFrom('periodStart', 'periodEnd', 'subject', 'x'),
      valueString: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(parameter), (parameters) => {
        try {
          readEvaluateRequest(undefined, bodyParameters({ resourceType: 'Parameters', parameter: parameters }));
        } catch (error) {
          expect(error).toBeInstanceOf(FhirError);
        }
      }),
    );
  });
});

describe('$series', () => {
  it('measures the time since the moment before, as it was known then', () => {
    const { points } = series('from=2024-01-31&to=2024-04-30&every=P1M');
    expect(points.map(({ period, asOf }) => [period.start.slice(0, 10), period.end, asOf])).toEqual([
      ['2023-12-31', '2024-01-30T23:59:59.999Z', '2024-01-31T00:00:00.000Z'],
      ['2024-01-29', '2024-02-28T23:59:59.999Z', '2024-02-29T00:00:00.000Z'],
      ['2024-02-29', '2024-03-30T23:59:59.999Z', '2024-03-31T00:00:00.000Z'],
      ['2024-03-30', '2024-04-29T23:59:59.999Z', '2024-04-30T00:00:00.000Z'],
    ]);
  });
  it('leaves out what is to come, and takes a fixed period or fixed data', () => {
    const { points } = series('from=2024-06-01&to=2025-01-01&every=P1W&periodStart=2024&periodEnd=2024&_asOf=0:1,1:5');
    expect(points).toHaveLength(3);
    expect(new Set(points.map(({ period, asOf }) => `${period.start} ${asOf}`))).toEqual(
      new Set(['2024-01-01T00:00:00.000Z 0:1,1:5']),
    );
  });
  it('refuses with the place', () => {
    expect(places(() => series('from=2024&to=2023&every=P1M'))).toEqual(['to']);
    expect(places(() => series('from=x&to=2024'))).toEqual(['every', 'from'].sort().reverse());
    expect(places(() => series('from=2000&to=2024&every=P1D'))).toEqual(['every']);
    expect(places(() => series('from=2024&to=2024&every=P1M&period=P1Y&periodStart=2024'))).toEqual([
      'periodEnd',
      'period',
    ]);
    expect(series('from=2014-07-01&to=2024-06-01&every=P1M').points).toHaveLength(MAX_POINTS);
  });
  it('durations have one unit', () => {
    expect(['P1M', 'P2W', 'P1Y', 'P10D'].map(parseDuration)).toEqual([
      { months: 1, days: 0 },
      { months: 0, days: 14 },
      { months: 12, days: 0 },
      { months: 0, days: 10 },
    ]);
    expect(['P', 'P0D', 'PT1H', 'P1M1D', '1M'].map(parseDuration)).toEqual(Array(5).fill(undefined));
    expect(addDuration('2024-02-29T00:00:00.000Z', { months: 12, days: 0 }, 1)).toBe('2025-02-28T00:00:00.000Z');
  });
});

describe('subjects', () => {
  const member = fc.record({
    source: fc.constantFrom('a', 'b'),
    chain: fc.constant(1),
    patient: fc.constantFrom('1', '2', '3', '4'),
    changed: fc.nat(9),
  });
  it('are the same whatever the order of their records', () => {
    const members = fc.uniqueArray(member, { selector: ({ source, patient }) => `${source}/${patient}` });
    fc.assert(
      fc.property(
        members,
        fc.dictionary(fc.constantFrom('a/1', 'a/2', 'b/1', 'b/3'), fc.constantFrom('x', 'y')),
        (all, persons) => {
          const known = new Map(Object.entries(persons));
          const said = (list: Member[]): string[] =>
            subjectsOf(list, known).map((one) => `${one.name}: ${dataOf(one)}`);
          expect(said([...all].reverse())).toEqual(said(all));
          expect(subjectsOf(all, known).flatMap((one) => one.members)).toHaveLength(all.length);
        },
      ),
    );
  });
  it('are one Patient to the logic, the first by source', () => {
    const place = (source: string, type: string, seq: number): Place => ({
      chain: 1,
      seq,
      source,
      type,
      id: `${seq}`,
      version: 1,
    });
    const places = [
      place('a', 'Patient', 1),
      place('a', 'Encounter', 2),
      place('b', 'Patient', 3),
      place('b', 'Encounter', 4),
    ];
    const texts = places.map(({ seq }) => Buffer.from(String(seq)));
    const one = withOnePatient({ subject: { name: 'Person/x', members: [] }, places, texts });
    expect(one.places.map(({ seq }) => seq)).toEqual([1, 2, 4]);
    expect(one.texts.map(String)).toEqual(['1', '2', '4']);
  });
  it('have records with ids of their own, whichever sources they are from', () => {
    const encounter = (): { resourceType: string; id: string } => ({ resourceType: 'Encounter', id: '1' });
    const observation = { resourceType: 'Observation', id: '1', encounter: { reference: 'Encounter/1' } };
    const records = apart(
      [encounter(), encounter(), { ...observation, encounter: { reference: 'Encounter/1' } }],
      [0, 1, 1],
    );
    expect(records).toEqual([
      encounter(),
      { resourceType: 'Encounter', id: '1.1' },
      { ...observation, encounter: { reference: 'Encounter/1.1' } },
    ]);
    expect(apart([encounter(), observation], [0, 0])).toEqual([encounter(), observation]);
  });
});
