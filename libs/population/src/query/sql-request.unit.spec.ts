import { describe, expect, it } from '@jest/globals';
import { type FhirError } from '@chartledger/platform';
import { chosenFormat, wantsBinary } from './answer-format.js';
import { type Parameter } from './parameters.js';
import { dollarPlaceholders } from './placeholders.js';
import { bindParameters, readSqlLibrary } from './sql-library.js';
import { readExport, readRun } from './sql-request.js';

const subject: Parameter = { name: 'subjectReference', valueReference: { reference: 'ViewDefinition/p' } };

function refused(work: () => unknown): { status: number; place: string | undefined } {
  try {
    work();
  } catch (error) {
    const { status, issues } = error as FhirError;
    return { status, place: issues[0].expression?.[0] };
  }
  throw new Error('it was not refused');
}

describe('what $sql-run is asked', () => {
  it('is read whole', () => {
    const bundle = { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Patient', id: 'a' } }, {}] };
    expect(
      readRun([
        subject,
        { name: '_format', valueCode: 'csv' },
        { name: 'header', valueBoolean: false },
        { name: 'patient', valueReference: { reference: 'a/Patient/1' } },
        { name: 'patient', valueString: 'a/Patient/2' },
        { name: 'resource', resource: bundle },
        { name: '_limit', valueString: '5' },
        { name: '_asOf', valueString: '0:1' },
      ]),
    ).toEqual({
      subjects: [{ reference: 'ViewDefinition/p' }],
      patients: ['a/Patient/1', 'a/Patient/2'],
      groups: [],
      context: [],
      resources: [{ resourceType: 'Patient', id: 'a' }],
      header: false,
      format: 'csv',
      limit: 5,
      asOf: '0:1',
    });
  });

  it.each<[string, Parameter[], string]>([
    ['no subject', [], 'subject'],
    ['two subjects', [subject, { name: 'subjectCanonical', valueCanonical: 'http://x' }], 'subject'],
    ['an unknown parameter', [subject, { name: 'source', valueString: 's3' }], 'source'],
    ['a parameter without a name', [subject, {}], 'undefined'],
    ['a name from the prototype', [subject, { name: 'constructor' }], 'constructor'],
    [
      'a format twice',
      [subject, { name: '_format', valueCode: 'csv' }, { name: '_format', valueCode: 'csv' }],
      '_format',
    ],
    ['an unknown format', [subject, { name: '_format', valueCode: 'xml' }], '_format'],
    ['a negative limit', [subject, { name: '_limit', valueInteger: -1 }], '_limit'],
    ['a patient without a value', [subject, { name: 'patient' }], 'patient'],
    ['a context that is no resource', [subject, { name: 'context', valueString: 'x' }], 'context'],
  ])('refuses %s by name', (_, parameters, place) => {
    expect(refused(() => readRun(parameters))).toEqual({ status: 400, place });
  });

  it('an export has subjects, and neither a limit nor the format fhir', () => {
    const part = [{ name: 'name', valueString: 'x' }, subject];
    expect(readExport([{ name: 'subject', part }]).subjects).toEqual([{ name: 'x', reference: 'ViewDefinition/p' }]);
    expect(refused(() => readExport([]))).toEqual({ status: 400, place: 'subject' });
    expect(refused(() => readExport([{ name: 'subject', part: [] }]))).toEqual({ status: 400, place: 'subject' });
    expect(
      refused(() =>
        readExport([
          { name: 'subject', part },
          { name: '_limit', valueInteger: 1 },
        ]),
      ),
    ).toEqual({
      status: 400,
      place: '_limit',
    });
    expect(
      refused(() =>
        readExport([
          { name: 'subject', part },
          { name: '_format', valueCode: 'fhir' },
        ]),
      ),
    ).toEqual({
      status: 400,
      place: '_format',
    });
  });

  it('the format is named by _format, else by Accept, else NDJSON', () => {
    expect(chosenFormat({ format: 'csv' }, 'application/json')).toBe('csv');
    expect(chosenFormat({}, 'text/html, text/csv;q=0.5')).toBe('csv');
    expect(chosenFormat({}, 'application/fhir+json')).toBe('fhir');
    expect(chosenFormat({}, '*/*')).toBe('ndjson');
    expect(wantsBinary({ format: 'csv' }, 'application/fhir+json')).toBe(true);
    expect(wantsBinary({ format: 'csv' }, 'application/fhir+json, */*')).toBe(false);
    expect(wantsBinary({}, 'application/fhir+json')).toBe(false);
  });
});

const library = (more: object): Record<string, unknown> => ({
  resourceType: 'Library',
  type: { coding: [{ code: 'sql-query' }] },
  content: [{ contentType: 'application/sql', data: Buffer.from('select 1').toString('base64') }],
  ...more,
});

describe('a SQL Library', () => {
  it('has its SQL in our dialect where there is one, its tables and its parameters', () => {
    const content = ['select 1', 'select 2', 'select 3'].map((sql, index) => ({
      contentType: ['application/sql; dialect=tsql', 'application/sql;dialect="duckdb"', 'text/plain'][index],
      data: Buffer.from(sql).toString('base64'),
    }));
    const relatedArtifact = [{ type: 'depends-on', label: 'p', resource: 'http://x|1' }, { type: 'citation' }];
    const parameter = [{ name: 'from', type: 'date', use: 'in' }];
    expect(readSqlLibrary(library({ content, relatedArtifact, parameter }))).toEqual({
      kind: 'sql-query',
      sql: 'select 2',
      tables: [{ label: 'p', canonical: 'http://x|1' }],
      parameters: [{ name: 'from', type: 'date' }],
    });
  });

  it.each<[string, object, string]>([
    ['another type', { type: { coding: [{ code: 'logic-library' }] } }, 'Library.type'],
    ['no SQL', { content: [{ contentType: 'text/cql' }] }, 'Library.content'],
    [
      'a label that is no name',
      { relatedArtifact: [{ type: 'depends-on', label: '1 x', resource: 'u' }] },
      'Library.relatedArtifact[0].label',
    ],
  ])('is refused with %s', (_, more, place) => {
    expect(refused(() => readSqlLibrary(library(more)))).toEqual({ status: 422, place });
  });

  it('binds what is declared, with its type, and null where nothing was sent', () => {
    const declared = readSqlLibrary(
      library({
        parameter: [
          { name: 'from', type: 'date' },
          { name: 'min', type: 'decimal' },
          { name: 'who', type: 'string' },
        ],
      }),
    );
    expect(
      bindParameters(declared, [
        { name: 'from', valueDate: '2024-01-31' },
        { name: 'min', valueDecimal: 1.5 },
      ]),
    ).toEqual({
      from: { type: 'DATE', value: '2024-01-31' },
      min: { type: 'DECIMAL', value: '1.5' },
      who: { type: 'VARCHAR', value: null },
    });
    expect(refused(() => bindParameters(declared, [{ name: 'to', valueDate: '2024-01-31' }])).status).toBe(400);
    expect(refused(() => bindParameters(declared, [{ name: 'from', valueString: '2024-01-31' }])).status).toBe(400);
  });

  it.each([
    ['select :a, :ab, x::a from t where b = :b', 'select $a, :ab, x::a from t where b = $b'],
    [`select ':a', ":a" -- :a`, `select ':a', ":a" -- :a`],
    [
      `select /* :a */ $$ :a $$, $t$ :a $t$, 'it''s :a' || :a`,
      `select /* :a */ $$ :a $$, $t$ :a $t$, 'it''s :a' || $a`,
    ],
  ])('has its placeholders as DuckDB takes them: %s', (sql, expected) => {
    expect(dollarPlaceholders(sql, ['a', 'b'])).toBe(expected);
    expect(dollarPlaceholders(sql, ['a', 'b'])).toHaveLength(sql.length);
  });
});
