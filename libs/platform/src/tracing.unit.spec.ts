import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readConfig } from './config.js';
import { describeTracing } from './tracing-config.js';
import { extract, inject, isSampled, startSpan, type Span } from './tracing.js';

const hex = (digits: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
const notZero = (text: string): boolean => !/^0+$/.test(text);

describe('traceparent', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(hex(32).filter(notZero), hex(16).filter(notZero), fc.boolean(), (traceId, spanId, sampled) => {
        const context = { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true };
        const read = extract(inject({ spanContext: () => context } as Span));
        expect(read).toEqual(context);
        expect(isSampled(read)).toBe(sampled);
      }),
    );
  });

  it.each([
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7',
    '',
  ])('%s names a span only in a form that a later version may have', (text) => {
    expect(extract(text) !== undefined).toBe(text.endsWith('-more'));
  });

  it('is not made where nothing is traced', () => {
    expect(startSpan('ingest')).toBeUndefined();
    expect(inject(undefined)).toBeUndefined();
  });
});

describe('where traces go', () => {
  it('is nowhere by default, and shows no password', () => {
    expect(readConfig({}, '/').tracing).toBeUndefined();
    const { tracing } = readConfig(
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u:secret@collector:4318/', OTEL_TRACES_SAMPLER_ARG: '0.25' },
      '/',
    );
    expect(tracing).toEqual({ endpoint: 'http://u:secret@collector:4318', ratio: 0.25 });
    expect(JSON.stringify(describeTracing(tracing))).not.toContain('secret');
  });

  it.each(['2', '1.5', '-1', '50%', '1e-1'])('refuses %s as a share', (ratio) => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_TRACES_SAMPLER_ARG: ratio };
    expect(() => readConfig(env, '/')).toThrow('OTEL_TRACES_SAMPLER_ARG');
  });
});
