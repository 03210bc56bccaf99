import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { Kafka, type CloudEvent } from 'cloudevents';
import fc from 'fast-check';
import { leafHash } from '@chartledger/ledger';
import { sampleChain } from '@chartledger/testing';
import { acceptEvent } from './accept-event.js';
import { chainOf, submissions } from './chain.fixture.js';
import { changeEvent, encodeChangeEvent, EVENT_CONTENT_TYPE, readChangeEvent, type Change } from './change-event.js';
import changeSchema from './change.schema.json' with { type: 'json' };
import { VersionReader } from './version-reader.js';

const ORIGIN = 'ledger.example/main';
const matches = formats.default(new Ajv({ allErrors: true })).compile(changeSchema);

function events(chain: number, sent: Parameters<typeof chainOf>[1]): ReturnType<VersionReader['take']> {
  return new VersionReader(-1, ORIGIN).take(chainOf(chain, sent).entries);
}

describe('the event of a version', () => {
  const [entry] = sampleChain(2, 1);

  it('says what the envelope says, and nothing of what is in the record', () => {
    expect(changeEvent(entry, -1, ORIGIN)).toEqual({
      specversion: '1.0',
      id: '2:0',
      source: '//ledger.example/main/fhir/hospital-a',
      type: 'chartledger.fhir.create',
      subject: entry.fields.record,
      time: '2024-03-01T08:00:00.000Z',
      datacontenttype: 'application/json',
      data: {
        source: 'hospital-a',
        type: 'Observation',
        record: entry.fields.record,
        version: 1,
        kind: 'fhir.create',
        chain: 2,
        seq: 0,
        previous: -1,
        leaf: leafHash(entry.envelope).toString('hex'),
      },
    });
  });

  it('is a CloudEvent of the structured mode to the SDK of CloudEvents', () => {
    fc.assert(
      fc.property(submissions, (sent) => {
        for (const event of events(1, sent)) {
          const value = encodeChangeEvent(event).toString();
          const message = { headers: { 'content-type': EVENT_CONTENT_TYPE }, key: event.subject, value, body: value };
          expect(Kafka.isEvent(message)).toBe(true);
          const read = Kafka.toEvent<Change>(message) as CloudEvent<Change>;
          expect(read.validate()).toBe(true);
          expect(read.data).toEqual(event.data);
        }
      }),
    );
  });

  it('keeps to the schema that consumers are given, and comes back as it was written', () => {
    fc.assert(
      fc.property(submissions, (sent) => {
        for (const event of events(1, sent)) {
          expect(matches(JSON.parse(encodeChangeEvent(event).toString())) || matches.errors).toBe(true);
          expect(readChangeEvent(encodeChangeEvent(event))).toEqual(event);
        }
      }),
    );
  });

  it.each([null, '', 'null', '{}', '[1', '{"data":{"seq":"1"}}'])('is not read in %j', (text) => {
    expect(readChangeEvent(text === null ? null : Buffer.from(text))).toBeUndefined();
  });
});

describe('the events of a chain', () => {
  it('are of whole submissions only, each naming the one before, however the entries come and wherever one begins', () => {
    fc.assert(
      fc.property(submissions, fc.nat(9), fc.nat(60), (sent, size, resume) => {
        const { entries, told } = chainOf(1, sent);
        const whole = events(1, sent);
        expect(whole.map(({ data }) => data.seq)).toEqual(told);
        expect(whole.map(({ data }) => data.previous)).toEqual([-1, ...told].slice(0, told.length));
        const last = told[resume % (told.length || 1)] ?? -1;
        const start = last === -1 ? 0 : last - entries[last].fields.part;
        const reader = new VersionReader(last, ORIGIN);
        const resumed = [];
        for (let at = start; at < entries.length; at += size + 1) {
          resumed.push(...reader.take(entries.slice(at, Math.min(at + size + 1, entries.length))));
        }
        expect(resumed).toEqual(whole.filter(({ data }) => data.seq > last));
      }),
    );
  });
});

describe('acceptEvent', () => {
  it.each([
    [-1, 5, -1, 'next'],
    [5, 9, 5, 'next'],
    [7, 9, 5, 'next'],
    [9, 9, 5, 'repeated'],
    [10, 9, 5, 'repeated'],
    [4, 9, 5, 'ahead'],
    [-1, 9, 5, 'ahead'],
    [undefined, 9, 5, 'next'],
  ])('after %s, %i with %i before it is %s', (last, seq, previous, turn) => {
    expect(acceptEvent(last, { seq, previous })).toBe(turn);
  });
});
