import { describe, expect, it } from '@jest/globals';
import cases from './read-question.cases.json' with { type: 'json' };
import { type Question } from './question.js';
import { readRequest, toQuestion } from './read-question.js';

const COLUMNS = [
  { name: 'text', type: 'VARCHAR' },
  { name: 'number', type: 'DECIMAL(18,3)' },
  { name: 'truth', type: 'BOOLEAN' },
  { name: 'moment', type: 'TIMESTAMPTZ' },
  { name: 'list', type: 'VARCHAR[]' },
  { name: 'count', type: 'INTEGER' },
];
const LEAST = 11;

function read(body: unknown): Question {
  return toQuestion(readRequest(body, LEAST), 1, COLUMNS);
}

describe('the request for counts', () => {
  it.each(cases)('is refused with the place: $error', ({ body, error }) => {
    expect(() => read(body)).toThrow(error);
  });

  it('is the same question however it is written', () => {
    const one = read({ view: 'v', filters: { text: ['b', 'a', 'b'], number: 1.5 } });
    const same = [
      { column: 'number', op: '=', value: '1.50' },
      { column: 'text', op: 'in', values: ['a', 'b'] },
      { column: 'number', op: 'in', values: [1.5] },
    ];
    expect(read({ view: 'v', filters: same })).toEqual(one);
  });
});
