import { describe, expect, it } from '@jest/globals';
import { Kafka, type CloudEvent } from 'cloudevents';
import fc from 'fast-check';
import { acceptEvent } from '@chartledger/changes';
import { alertEvent, alertOf, type Observation } from './src/alert.js';
import { takeChanges, turnOf, type ChangeEvent } from './src/changes.js';

function change(seq: number, previous: number): ChangeEvent {
  const data = { source: 'st-mary', type: 'Observation', record: 'ab', version: 1, kind: 'fhir.create' as const };
  return { id: `1:${seq}`, time: '2024-03-01T08:00:00.000Z', data: { ...data, chain: 1, seq, previous } };
}

const values = (events: readonly ChangeEvent[]): Buffer[] => events.map((event) => Buffer.from(JSON.stringify(event)));

describe('the changes that are taken', () => {
  it('are decided by the rule of the topic', () => {
    const seq = fc.integer({ min: -1, max: 6 });
    fc.assert(
      fc.property(seq, seq, seq, (last, at, previous) => {
        const { data } = change(at, previous);
        expect(turnOf(last, data)).toBe(acceptEvent(last, data));
      }),
    );
  });

  it('are each of them once, though some come twice', () => {
    const events = [change(0, -1), change(2, 0), change(0, -1), change(2, 0), change(3, 2)];
    expect(takeChanges(-1, values(events)).map(({ id }) => id)).toEqual(['1:0', '1:2', '1:3']);
    expect(takeChanges(2, values(events)).map(({ id }) => id)).toEqual(['1:3']);
  });

  it('are none when one is missing', () => {
    expect(() => takeChanges(-1, values([change(4, 3)]))).toThrow('events between 1:-1 and 1:4 are not in the topic');
  });
});

describe('an alert', () => {
  const result = (code: string, value: number, unit: string, more: Partial<Observation> = {}): Observation => ({
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code }] },
    valueQuantity: { value, code: unit },
    ...more,
  });

  it.each<[string, Observation, string | undefined]>([
    ['potassium beyond the limit', result('2823-3', 6.6, 'mmol/L'), 'above 6.5 mmol/L'],
    ['potassium at the limit', result('2823-3', 6.5, 'mmol/L'), undefined],
    ['potassium too low', result('2823-3', 2.4, 'mmol/L'), 'below 2.5 mmol/L'],
    ['another unit', result('2345-7', 600, 'mmol/L'), undefined],
    ['glucose', result('2345-7', 501, 'mg/dL'), 'above 500 mg/dL'],
    ['a code without a limit', result('8302-2', 1000, 'cm'), undefined],
    ['no value', result('2823-3', 7, 'mmol/L', { valueQuantity: undefined }), undefined],
    ['not meant', result('2823-3', 7, 'mmol/L', { status: 'entered-in-error' }), undefined],
    ['corrected', result('2823-3', 7, 'mmol/L', { status: 'corrected' }), 'above 6.5 mmol/L'],
    ['a code of another system', result('2823-3', 7, 'mmol/L', { code: { coding: [{ code: '2823-3' }] } }), undefined],
  ])('%s', (_what, observation, expected) => {
    const alert = alertOf(change(0, -1), observation);
    expect(alert && `${alert.bound} ${alert.limit} ${alert.unit}`).toBe(expected);
  });

  it('is a CloudEvent', () => {
    const { event, ...found } = alertOf(change(7, -1), result('2823-3', 7, 'mmol/L'))!;
    const { chain, source, record, version } = event.data;
    const value = alertEvent({ ...found, chain, number: 1, id: event.id, time: event.time, source, record, version });
    const headers = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
    const read = Kafka.toEvent({ headers, body: value, ...{ key: record, value } }) as CloudEvent<{ number: number }>;
    expect(read.validate()).toBe(true);
    expect(read).toMatchObject({ id: '1:7', subject: 'ab', data: { number: 1, code: '2823-3' } });
  });
});
