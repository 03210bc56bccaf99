import { describe, expect, it } from '@jest/globals';
import { personNamed, readStewardCommand, recordNamed } from './steward-request.js';

const ROOT = 'https://ledger.example:8443';
const read = (body: object): unknown => readStewardCommand('p1', Buffer.from(JSON.stringify(body)), ROOT);

describe('a decision is read', () => {
  it.each([
    [
      { kind: 'link', record: 'lab/Patient/l1' },
      { kind: 'link', person: 'p1', record: 'lab/Patient/l1' },
    ],
    [
      { kind: 'unlink', record: `${ROOT}/fhir/lab/Patient/l1` },
      { kind: 'unlink', person: 'p1', record: 'lab/Patient/l1' },
    ],
    [
      { kind: 'merge', other: 'p2' },
      { kind: 'merge', person: 'p1', other: 'p2' },
    ],
    [
      { kind: 'merge', other: `${ROOT}/fhir/chartledger/Person/p2` },
      { kind: 'merge', person: 'p1', other: 'p2' },
    ],
    [
      { kind: 'split', records: ['a/Patient/1', 'a/Patient/1'] },
      { kind: 'split', person: 'p1', records: ['a/Patient/1'] },
    ],
    [
      { kind: 'undo', decision: '0:12' },
      { kind: 'undo', decision: '0:12' },
    ],
  ])('%j', (body, command) => {
    expect(read({ ...body, reason: 'why' })).toEqual({ ...command, reason: 'why' });
  });

  it.each([
    [{ kind: 'toString', reason: 'x' }, /^kind must be one of/],
    [{ kind: 'merge', reason: 'x' }, /^other must be/],
    [{ kind: 'merge', other: 'a/b', reason: 'x' }, /^other must be/],
    [{ kind: 'link', record: 'lab/Observation/o1', reason: 'x' }, /^record must name/],
    [{ kind: 'split', records: ['lab/Patient/l1', 7], reason: 'x' }, /^records\[1\] must name/],
    [{ kind: 'undo', decision: 12, reason: 'x' }, /^decision must be the position/],
    [{ kind: 'link', record: 'lab/Patient/l1', reason: 'x'.repeat(2_001) }, /^reason must say why/],
  ])('%j is refused', (body, message) => {
    expect(() => read(body)).toThrow(message);
  });
});

it('a name is a record of a source, or a URL of this server', () => {
  const names = [
    'lab/Patient/l1',
    `${ROOT}/fhir/lab/Patient/l1`,
    'http://elsewhere/fhir/lab/Patient/l1',
    'lab/Patient/l1/_history/1',
    'LAB/Patient/l1',
    'Patient/l1',
    '',
  ];
  expect(names.map((name) => recordNamed(name, ROOT))).toEqual([
    'lab/Patient/l1',
    'lab/Patient/l1',
    ...Array<undefined>(5).fill(undefined),
  ]);
  expect(
    ['p1', 'Person/p1', `${ROOT}/fhir/chartledger/Person/p1`, 'x/Person/p1', 'a b'].map((name) =>
      personNamed(name, ROOT),
    ),
  ).toEqual(['p1', 'p1', 'p1', undefined, undefined]);
});
