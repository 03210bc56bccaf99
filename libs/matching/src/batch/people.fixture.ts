import fc from 'fast-check';
import { RecordTable } from '../engine/record-table.js';
import { Values } from '../engine/values.js';
import { addPeople, emptyPeople, type People } from './people-table.js';

const HEADER = 'id,given_name,surname,date_of_birth,sex,street_number,address_1,suburb,postcode,phone,ssn,email';
const pick = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom('', ...values);
const person = fc.tuple(
  pick('Ann', 'Anne', 'Bill', 'William', 'Jon', 'John', 'Baby Girl', 'Smith', 'Mary Ann', 'J'),
  pick('Smith', 'Smyth', 'Müller-Smith', 'Nguyen', 'van Rossen', 'Ann', 'Doe', 'Brown Jr'),
  pick('1984-03-07', '1984-07-03', '1984-03-08', '1994-03-07', '1984', '1984-01-01', '19840307'),
  pick('f', 'm'),
  pick('1', '12', '12a'),
  pick('Forbes Street', 'forbs st', 'Hill Rd'),
  pick('St Albans', 'Saint Albans', 'Ryde'),
  pick('2204', '2240'),
  pick('0409944702', '+61409944702', '0409944703'),
  pick('6988048', '6988084', '999-99-9999'),
  pick('ann@x.org', 'ann@y.org', 'anne.smith@x.org'),
);
/** Rows of people of whom some are one, and some nearly. */
export const anyTable = fc.array(person, { minLength: 2, maxLength: 25 });

/** @param extra the name of one more column, empty */
export function csvOf(people: readonly (readonly string[])[], extra = ''): string {
  const head = extra === '' ? HEADER : `${HEADER},${extra}`;
  return [head, ...people.map((cells, at) => [`r${at}`, ...cells, ...(extra === '' ? [] : [''])].join(','))].join('\n');
}

export function tableOf(
  people: readonly (readonly string[])[],
  extra = '',
): { table: RecordTable; ids: string[]; people: People } {
  return readTable(csvOf(people, extra));
}

export function readTable(text: string): { table: RecordTable; ids: string[]; people: People } {
  const people = emptyPeople();
  const table = new RecordTable(new Values());
  addPeople(text, people, table);
  return { table, ids: people.ids, people };
}
