import { describe, expect, it } from '@jest/globals';
import { anyEnvelope, sharedFolder } from '@chartledger/testing';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalize } from './canonical-json.js';
import { encodeContext, encodeEnvelope } from './envelope.js';

const shared = sharedFolder();
const vectors = join(shared ?? '', 'vectors/jcs');

(shared ? describe : describe.skip)('the vectors of RFC 8785', () => {
  it.each(shared ? readdirSync(join(vectors, 'input')) : [''])('%s', (file) => {
    const value: unknown = JSON.parse(readFileSync(join(vectors, 'input', file), 'utf8'));
    expect(canonicalize(value)).toBe(readFileSync(join(vectors, 'output', file), 'utf8'));
  });
});

describe('canonicalize', () => {
  it.each([NaN, Infinity, -Infinity, 1n, undefined, () => 1, '\ud800', { '\udc00': 1 }, ['a\ud800b']])(
    'rejects what canonical JSON cannot say: %p',
    (value) => {
      expect(() => canonicalize(value)).toThrow(expect.objectContaining({ code: 'json_not_canonical' }));
    },
  );

  it('does not depend on the order in which keys were set', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.integer()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalize(reversed)).toBe(canonicalize(value));
        expect(JSON.parse(canonicalize(value))).toEqual(value);
      }),
    );
  });
});

describe('the templates of the envelope', () => {
  it('are the canonical form of the same fields', () => {
    fc.assert(
      fc.property(anyEnvelope, (envelope) => {
        expect(encodeEnvelope(envelope)).toBe(canonicalize(envelope));
        const { actor, kind, part, parts, record, source, submission, type, v, version } = envelope;
        const context = { actor, kind, part, parts, record, source, submission, type, version };
        expect(encodeContext(context)).toBe(canonicalize({ ...context, v }));
      }),
    );
  });
});
