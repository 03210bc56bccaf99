import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { fold } from './allowed.js';
import { confinement } from './confinement.js';
import { explainError } from './duckdb-error.js';
import { frame, readFrames } from './frames.js';
import { castType, checkParameters, typed } from './parameters.js';
import { describeProblem } from './problem.js';

describe('the place of a problem', () => {
  it.each([
    ['SELECT nope', 7, 'line 1, column 8: why'],
    ['SELECT 1,\n  nope', 12, 'line 2, column 3: why'],
    ["SELECT 'äöü𝄞', nope", 21, 'line 1, column 16: why'],
    ['SELECT nope', undefined, 'why'],
  ])('%j at %s', (sql, offset, expected) => {
    expect(describeProblem(sql, { message: 'why', offset })).toBe(expected);
  });
});

describe('fold', () => {
  it('changes ASCII letters only, as DuckDB does', () => {
    expect(fold('PatientKÄ\u212a\u0130')).toBe('patientkÄ\u212a\u0130');
  });
});

describe('explainError', () => {
  const error = (type: string, message: string, position?: string): Error =>
    new Error(JSON.stringify({ exception_type: type, exception_message: message, position }));

  it('gives the words of DuckDB where they speak of names, without the file', () => {
    expect(explainError(error('Binder', 'Column "x" not found\nCandidates: "p41.main.t.y"', '7'), 'p41')).toEqual({
      kind: 'failed',
      message: 'Column "x" not found Candidates: "t.y"',
      offset: 7,
    });
  });

  it.each(['Conversion', 'Invalid Input', 'Out of Range', 'IO', 'Permission', 'Internal', 'of a later version'])(
    'gives none of them where they may quote data: %s',
    (type) => {
      expect(JSON.stringify(explainError(error(type, "Could not convert string 'Smith' in /data/x"), 'p'))).not.toMatch(
        /Smith|data\/x/,
      );
    },
  );

  it('gives what the query itself says, word by word and nothing near it', () => {
    const own = new Set(['there is no such value set']);
    expect(explainError(error('Invalid Input', 'there is no such value set'), 'p', own)).toEqual({
      kind: 'failed',
      message: 'there is no such value set',
    });
    expect(
      JSON.stringify(explainError(error('Invalid Input', 'there is no such value set: Smith'), 'p', own)),
    ).not.toMatch(/Smith/);
  });

  it.each<[Error, object]>([
    [error('Out of Memory', 'x'), { kind: 'limit', limit: 'memory' }],
    [new Error('std::bad_alloc'), { kind: 'limit', limit: 'memory' }],
    [new RangeError('Array buffer allocation failed'), { kind: 'limit', limit: 'memory' }],
    [error('INTERRUPT', 'x'), { kind: 'interrupted' }],
    [error('IO', 'x'), { kind: 'broken', type: 'IO' }],
    [
      new Error('Parser Error: {"exception_type":"Parser","exception_message":"m","position":"3"}'),
      { kind: 'failed', message: 'm', offset: 3 },
    ],
    [new TypeError('Smith'), { kind: 'broken', type: 'unknown' }],
  ])('%s', (thrown, expected) => {
    expect(explainError(thrown, 'p')).toEqual(expected);
  });
});

describe('parameters', () => {
  it.each<[Parameters<typeof typed>[0], string, unknown]>([
    [true, 'BOOLEAN', 'true'],
    [7, 'INTEGER', '7'],
    [2 ** 31, 'BIGINT', '2147483648'],
    [1.5, 'DOUBLE', '1.5'],
    [2 ** 60, 'DOUBLE', '1152921504606847000'],
    [9007199254740993n, 'BIGINT', '9007199254740993'],
    ['x', 'VARCHAR', 'x'],
    [null, 'VARCHAR', null],
    [['x', 'y'], 'VARCHAR', ['x', 'y']],
    [{ type: 'DATE', value: '2024-01-31' }, 'DATE', '2024-01-31'],
  ])('%p is a %s', (parameter, type, value) => {
    expect(typed(parameter)).toEqual({ type, value });
  });

  it('gives a DECIMAL as many places as it was sent with', () => {
    expect(castType({ type: 'DECIMAL', value: '1.50' })).toBe('DECIMAL(38, 2)');
    expect(castType({ type: 'DECIMAL', value: ['1.5', '2.125', null] })).toBe('DECIMAL(38, 3)');
    expect(castType({ type: 'DECIMAL', value: '7' })).toBe('DECIMAL(38, 0)');
  });

  it('misses those without a value and those without a name', () => {
    expect(checkParameters(['a', 'b'], { b: 1, c: 1 }).map(({ message }) => message)).toEqual([
      expect.stringContaining('$a'),
      expect.stringContaining('$c'),
    ]);
  });
});

describe('messages between the processes', () => {
  it('come out as they went in, however the stream cuts them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue()),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        async (sent, cuts) => {
          const bytes = Buffer.concat(sent.map((message) => frame(JSON.stringify(message))));
          const pieces: Buffer[] = [];
          for (let at = 0, i = 0; at < bytes.length; at += cuts[i % cuts.length], i++)
            pieces.push(bytes.subarray(at, at + cuts[i % cuts.length]));
          const received: unknown[] = [];
          for await (const message of readFrames(Readable.from(pieces))) received.push(message);
          expect(JSON.stringify(received)).toBe(JSON.stringify(sent));
        },
      ),
    );
  });

  it('are refused when they are longer than any can be', async () => {
    const bytes = Buffer.from('ffffffff7b7d', 'hex');
    await expect(readFrames(Readable.from([bytes])).next()).rejects.toThrow('longer than any can be');
  });
});

describe('confinement', () => {
  it('says what to install where there is no prlimit', () => {
    expect(() => confinement(1, ['/nowhere'])).toThrow(
      expect.objectContaining({ status: 501, message: expect.stringContaining('prlimit') }),
    );
  });
});
