import { type Envelope, ENVELOPE_VERSION } from '@chartledger/ledger';
import fc from 'fast-check';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const uuid = fc.uuid();
const count = fc.oneof(fc.nat({ max: 1000 }), fc.maxSafeNat());
const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9.-]{0,63}$/);
const source = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,63}$/);
const actor = fc.oneof(
  fc.stringMatching(/^[ -~]{0,30}$/),
  fc.string({ unit: 'binary' }).filter((text) => !/\p{Surrogate}/u.test(text)),
);
const time = fc
  .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

/** Any envelope of the format. */
export const anyEnvelope: fc.Arbitrary<Envelope> = fc
  .record({
    actor,
    chain: count,
    kind: word.map((text) => text as Envelope['kind']),
    parts: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
    payload: fc.record({ bytes: count, commit: hash, key: uuid, sha256: hash }),
    prev: hash,
    record: hash,
    seq: count,
    source,
    submission: uuid,
    time,
    type: word,
    v: fc.constant<typeof ENVELOPE_VERSION>(ENVELOPE_VERSION),
    version: count,
  })
  .chain((fields) => fc.integer({ min: 0, max: fields.parts - 1 }).map((part) => ({ ...fields, part })));
