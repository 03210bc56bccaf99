import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assignPersons } from './assign.js';
import { type PersonBefore } from './reassign.js';

const person = (
  id: string,
  born: number,
  members: string[],
  state: PersonBefore['state'] = 'active',
): PersonBefore => ({
  id,
  version: 3,
  born,
  state,
  members: new Map(members.map((name, at) => [name, born + at])),
});
const newId = (first: string): string => `new-${first}`;

it('a record that nobody has is born as a person; nothing changes where nothing has changed', () => {
  expect(assignPersons([['a', 'b']], [], newId)).toMatchObject([
    { id: 'new-a', kind: 'person.link', version: undefined, added: ['a', 'b'], from: [] },
  ]);
  expect(assignPersons([['a', 'b']], [person('p', 1, ['b', 'a'])], newId)).toEqual([]);
});

it('of persons that come together the oldest keeps its id, whichever has more records', () => {
  const changes = assignPersons([['a', 'b', 'c']], [person('young', 9, ['a', 'b']), person('old', 2, ['c'])], newId);
  expect(changes).toMatchObject([
    { id: 'young', kind: 'person.merge', state: 'absorbed', into: 'old', to: ['old'] },
    { id: 'old', kind: 'person.merge', state: 'active', members: ['a', 'b', 'c'], from: ['young'] },
  ]);
});

it('a person that falls apart stays with most of its records, or with the one it had first', () => {
  expect(assignPersons([['a'], ['b', 'c']], [person('p', 1, ['a', 'b', 'c'])], newId)).toMatchObject([
    { id: 'p', kind: 'person.split', members: ['b', 'c'], removed: ['a'], to: ['new-a'] },
    { id: 'new-a', kind: 'person.split', members: ['a'], from: ['p'] },
  ]);
  expect(assignPersons([['a'], ['b']], [person('p', 1, ['b', 'a'])], newId)).toMatchObject([
    { id: 'p', members: ['b'] },
    { id: 'new-a' },
  ]);
});

it('a person whose records are gone is empty, and is taken up again when one comes back', () => {
  expect(assignPersons([], [person('p', 1, ['a'])], newId)).toMatchObject([
    { id: 'p', kind: 'person.unlink', state: 'empty', removed: ['a'], to: [] },
  ]);
  expect(assignPersons([['a']], [person('p', 1, ['a'], 'empty')], newId)).toMatchObject([
    { id: 'p', kind: 'person.link', version: 3, state: 'active', added: ['a'] },
  ]);
});

it('whatever the clusters and the persons before, every record is of one person afterwards, and no living id is lost', () => {
  const names = 'abcdefgh'.split('');
  const parts = fc.array(fc.nat(3), { minLength: names.length, maxLength: names.length });
  fc.assert(
    fc.property(parts, parts, fc.subarray(names), (before, after, gone) => {
      const group = (numbers: number[], taken: string[]): string[][] =>
        [0, 1, 2, 3].map((part) => taken.filter((_, at) => numbers[at] === part)).filter((one) => one.length > 0);
      const persons = group(before, names).map((members, at) => person(`p${at}`, 10 - at, members));
      const left = names.filter((name) => !gone.includes(name));
      const clusters = group(after, left).sort((a, b) => (a[0] < b[0] ? -1 : 1));
      const changes = assignPersons(clusters, persons, newId);
      const state = new Map(persons.map(({ id, members }) => [id, [...members.keys()].sort()]));
      for (const { id, members } of changes) state.set(id, members);
      const partition = [...state.values()]
        .filter((members) => members.length > 0)
        .sort((a, b) => (a[0] < b[0] ? -1 : 1));
      expect(partition).toEqual(clusters);
      for (const change of changes) {
        if (change.state === 'absorbed') expect(state.get(change.into!)!.length).toBeGreaterThan(0);
        if (change.state === 'active') expect(change.members.length).toBeGreaterThan(0);
      }
    }),
  );
});
