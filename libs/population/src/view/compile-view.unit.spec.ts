import { parseLossless } from '@chartledger/fhir';
import { describe, expect, it } from '@jest/globals';
import { cellJson } from './cell-json.js';
import { MAX_REPEATED_DEPTH } from './compile-select.js';
import { compileView, MAX_ROWS_OF_A_RESOURCE } from './compile-view.js';
import cases from './broken-views.cases.json' with { type: 'json' };
import { type Engine } from './path-evaluator.js';
import { type Fault, RowError, ViewError } from './view-error.js';

const ENGINES: readonly Engine[] = ['closures', 'fhirpath.js'];

/** A view of Observations with one select. */
function observations(select: object): unknown {
  return { resource: 'Observation', select: [select] };
}

function column(path: string, more: object = {}): object {
  return { column: [{ name: 'c', path, ...more }] };
}

function rowsOf(view: unknown, resource: unknown, engine?: Engine, source?: string): string[] {
  const rows: string[] = [];
  compileView(view, { engine }).rows(resource, (row) => rows.push(row.map(cellJson).join(' ')), source);
  return rows;
}

function faultsOf(view: unknown): readonly Fault[] {
  try {
    compileView(view);
  } catch (error) {
    if (error instanceof ViewError) return error.faults;
    throw error;
  }
  return [];
}

describe('a broken view is refused with the place of the fault', () => {
  it.each(cases)('$title', ({ view, faults }) => {
    expect(faultsOf(view).map(({ place, problem }) => `${place}: ${problem}`)).toEqual(faults);
  });

  it('as an OperationOutcome would say it', () => {
    const error = new ViewError([{ place: 'ViewDefinition.resource', problem: 'is missing' }]);
    expect(error.status).toBe(422);
    expect(error.issues).toEqual([
      {
        severity: 'error',
        code: 'invalid',
        diagnostics: 'ViewDefinition.resource: is missing',
        expression: ['ViewDefinition.resource'],
      },
    ]);
  });
});

describe.each(ENGINES)('a resource of which no rows can be made, by %s', (engine) => {
  const resource = {
    resourceType: 'Observation',
    status: 'final',
    category: [{ text: 'secret' }, { text: 'secret' }],
    component: [{ valueInteger: 1 }, { valueInteger: 2 }],
  };
  it.each([
    ['several values in a column of one', column('category.text')],
    ['several values where an operator takes one', column('component.value.ofType(integer) + 1')],
    ['several values in a list that an operator makes', column('category.text & status', { collection: true })],
    ['a value with elements of its own', column('category[0].select($this)')],
  ])('%s', (_title, select) => {
    const view = observations(select);
    if (engine === 'closures' && JSON.stringify(select).match(/&|select\(/)) return;
    expect(() => rowsOf(view, resource, engine)).toThrow(RowError);
    expect(() => rowsOf(view, resource, engine)).toThrow(/^ViewDefinition\.select\[0\]\.column\[0\]\.path: /);
    expect(() => rowsOf(view, resource, engine)).not.toThrow(/secret/);
  });

  it('a where that gives several values', () => {
    const view = { ...(observations(column('status')) as object), where: [{ path: 'component.value is integer' }] };
    expect(() => rowsOf(view, resource, engine)).toThrow(/^ViewDefinition\.where\[0\]\.path: /);
  });
});

describe('bounds', () => {
  it('a join of lists with each other ends', () => {
    const items = Array.from({ length: 400 }, (_, index) => ({ text: String(index) }));
    const select = [1, 2].map((nth) => ({ forEach: 'category', column: [{ name: `c${nth}`, path: 'text' }] }));
    const resource = { resourceType: 'Observation', category: items };
    expect(() => rowsOf({ resource: 'Observation', select }, resource)).toThrow(
      `ViewDefinition.select: makes more than ${MAX_ROWS_OF_A_RESOURCE} rows of one resource`,
    );
  });

  it('a repeat that finds itself ends', () => {
    const view = observations({ repeat: ['$this'], column: [{ name: 'c', path: 'status' }] });
    expect(() => rowsOf(view, { resourceType: 'Observation', status: 'final' })).toThrow(
      `ViewDefinition.select[0]: repeat goes deeper than ${MAX_REPEATED_DEPTH} items within each other`,
    );
  });

  it('a repeat that finds more and more of itself ends', () => {
    const view = observations({ repeat: ['$this', '$this'], column: [{ name: 'c', path: 'status' }] });
    expect(() => rowsOf(view, { resourceType: 'Observation', status: 'final' })).toThrow(RowError);
  });

  it('a view goes on after a resource of which it could make no rows', () => {
    const view = compileView(observations(column('category.text')));
    const rows: unknown[] = [];
    const emit = (row: readonly unknown[]): void => void rows.push([...row]);
    const twice = { resourceType: 'Observation', category: [{ text: 'a' }, { text: 'b' }] };
    expect(() => view.rows(twice, emit)).toThrow(RowError);
    view.rows({ resourceType: 'Observation', category: [{ text: 'c' }] }, emit);
    expect(rows).toEqual([['c']]);
  });
});

describe.each(ENGINES)('by %s', (engine) => {
  const rows = (view: unknown, resource: unknown, source?: string): string[] => rowsOf(view, resource, engine, source);

  it.each(['1.50', '1.0', '12345678901234567890.123456789', '-0', '1e3', '0.1', '-7'])(
    'the decimal %s keeps its digits',
    (digits) => {
      const text = `{"resourceType": "Observation", "valueQuantity": {"value": ${digits}}}`;
      expect(rows(observations(column('value.ofType(Quantity).value')), parseLossless(text))).toEqual([digits]);
    },
  );

  it('arithmetic is decimal', () => {
    const of = (text: string): unknown =>
      parseLossless(`{"resourceType": "Observation", "valueQuantity": {"value": ${text}}}`);
    const sum = observations(column('value.ofType(Quantity).value + 0.2'));
    expect(rows(sum, of('0.1'))).toEqual(['0.3']);
    expect(rows(sum, of('12345678901234567890.10'))).toEqual(['12345678901234567890.3']);
    expect(rows(observations(column('value.ofType(Quantity).value / 0')), of('1'))).toEqual(['null']);
  });

  it('keys join references to records of a source', () => {
    const view = observations({
      column: [
        { name: 'id', path: 'getResourceKey()' },
        { name: 'patient', path: 'subject.getReferenceKey(Patient)' },
        { name: 'group', path: 'subject.getReferenceKey(Group)' },
      ],
    });
    const resource = { resourceType: 'Observation', id: '7', subject: { reference: 'Patient/1/_history/3' } };
    expect(rows(view, resource)).toEqual(['"Observation/7" "Patient/1" null']);
    expect(rows(view, resource, 'st-mary')).toEqual(['"st-mary/Observation/7" "st-mary/Patient/1" null']);
  });

  it.each([
    ['http://example.org/fhir/Patient/9', '"st-mary/Patient/9"'],
    ['lab-1/Patient/9', '"lab-1/Patient/9"'],
    ['urn:uuid:0a1b2c3d-0000-4000-8000-000000000001', 'null'],
    ['#contained', 'null'],
    ['Patient?identifier=1', 'null'],
  ])('the reference %s has the key %s', (reference, key) => {
    const view = observations(column('subject.getReferenceKey()'));
    expect(rows(view, { resourceType: 'Observation', subject: { reference } }, 'st-mary')).toEqual([key]);
  });

  it('resources of another type have no rows', () => {
    expect(rows(observations(column('id')), { resourceType: 'Patient', id: '1' })).toEqual([]);
    expect(rows(observations(column('id')), null)).toEqual([]);
  });

  it('a reference may be asked for its type', () => {
    const view = observations(column('subject.resolve() is Patient'));
    expect(rows(view, { resourceType: 'Observation', subject: { reference: 'Patient/1' } })).toEqual(['true']);
  });

  it('constants have types', () => {
    const view = {
      resource: 'Observation',
      constant: [
        { name: 'from', valueDateTime: '2020-01-01' },
        { name: 'limit', valueDecimal: 7.5 },
      ],
      select: [
        {
          column: [
            { name: 'late', path: 'effective.ofType(dateTime) >= %from' },
            { name: 'high', path: 'value.ofType(Quantity).value > %limit' },
            { name: 'code', path: "'a-' + status" },
          ],
        },
      ],
    };
    const resource = {
      resourceType: 'Observation',
      status: 'final',
      effectiveDateTime: '2020-06-01T00:00:00Z',
      valueQuantity: { value: 7.6 },
    };
    expect(rows(view, resource)).toEqual(['true true "a-final"']);
  });
});

describe('columns', () => {
  it('have the type of their path where they say none', () => {
    const view = compileView(
      observations({
        column: [
          { name: 'id', path: 'id' },
          { name: 'value', path: 'value.ofType(Quantity).value' },
          { name: 'said', path: 'issued', type: 'string' },
          { name: 'any', path: 'value', collection: true },
        ],
      }),
    );
    expect(view.columns.map(({ type }) => type)).toEqual(['id', 'decimal', 'string', undefined]);
  });

  it('say which way their paths go', () => {
    const view = compileView(
      observations({
        column: [
          { name: 'a', path: 'id' },
          { name: 'b', path: 'status.upper()' },
        ],
      }),
    );
    expect(view.engines).toEqual({ closures: 1, 'fhirpath.js': 1 });
  });
});
