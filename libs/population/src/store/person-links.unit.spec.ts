import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { evolveLinks, linkedPatients, type PersonLink, type PersonVersion } from './person-links.js';

const patients = fc.uniqueArray(fc.constantFrom('a/Patient/1', 'a/Patient/2', 'b/Patient/1', 'b/Patient/2'));
const histories = fc
  .array(fc.tuple(fc.constantFrom('Person/x', 'Person/y', 'Person/z'), patients), { maxLength: 12 })
  .map((versions) => versions.map(([person, linked], seq): PersonVersion => ({ seq, person, patients: linked })));

/** Whose each patient is after each version, by the rule as it is said: the last that claimed it and did not let go. */
function expected(versions: readonly PersonVersion[]): Map<string, string>[] {
  const owner = new Map<string, string>();
  return versions.map(({ person, patients }) => {
    for (const [patient, holder] of owner) if (holder === person && !patients.includes(patient)) owner.delete(patient);
    for (const patient of patients) owner.set(patient, person);
    return new Map(owner);
  });
}

/** The versions applied in batches, as the store does. */
function links(versions: readonly PersonVersion[], cut: number): PersonLink[] {
  const all: PersonLink[] = [];
  for (const batch of [versions.slice(0, cut), versions.slice(cut)]) {
    const open = all.filter((link) => link.to === undefined);
    const { begun, ended } = evolveLinks(open, batch);
    for (const { patient, to } of ended) open.find((link) => link.patient === patient)!.to = to;
    all.push(...begun);
  }
  return all;
}

describe('which person a patient belongs to', () => {
  it('is right at every position, wherever a batch ends', () => {
    fc.assert(
      fc.property(histories, fc.nat(12), (versions, cut) => {
        const all = links(versions, cut);
        expected(versions).forEach((owners, seq) => {
          const held = all.filter(({ from, to }) => from <= seq && (to === undefined || to > seq));
          expect(new Map(held.map(({ patient, person }) => [patient, person]))).toEqual(owners);
          expect(held).toHaveLength(owners.size);
        });
      }),
    );
  });

  it('a merge is right in whatever order the two Persons are written', () => {
    const before: PersonLink[] = [
      { patient: 'a/Patient/1', person: 'Person/x', from: 0, to: undefined },
      { patient: 'b/Patient/1', person: 'Person/y', from: 1, to: undefined },
    ];
    const merged = { person: 'Person/x', patients: ['a/Patient/1', 'b/Patient/1'] };
    const emptied = { person: 'Person/y', patients: [] };
    for (const versions of [
      [merged, emptied],
      [emptied, merged],
    ]) {
      const { begun, ended } = evolveLinks(
        before,
        versions.map((version, index) => ({ ...version, seq: 5 + index })),
      );
      expect(begun).toMatchObject([{ patient: 'b/Patient/1', person: 'Person/x', to: undefined }]);
      expect(ended).toMatchObject([{ patient: 'b/Patient/1' }]);
    }
  });

  it('reads the targets of a Person, in both forms', () => {
    const reference = (text: unknown): object => ({ target: { reference: text } });
    expect(
      linkedPatients({
        link: [
          reference('clinic/Patient/1'),
          reference('https://ledger.example/fhir/lab-2/Patient/x.y'),
          reference('Person/p2'),
          reference('Patient/9'),
          reference(7),
          {},
        ],
      }),
    ).toEqual(['clinic/Patient/1', 'lab-2/Patient/x.y']);
    expect(linkedPatients({})).toEqual([]);
  });
});
