import { parseLossless } from '@chartledger/fhir';
import { sharedFolder } from '@chartledger/testing';
import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Cell } from './column-reader.js';
import { compileView } from './compile-view.js';
import { type Engine } from './path-evaluator.js';

interface Suite {
  title: string;
  resources: unknown[];
  tests: Case[];
}

interface Case {
  title: string;
  view: unknown;
  expect?: Row[];
  expectCount?: number;
  expectError?: boolean;
  expectColumns?: string[];
}

type Row = Record<string, unknown>;

const folder = sharedFolder();
const vectors = folder && join(folder, 'vectors/sql-on-fhir');
const suites = vectors === undefined ? [] : readSuites(vectors);
const ENGINES: readonly Engine[] = ['closures', 'fhirpath.js'];

function readSuites(directory: string): Suite[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json') && name !== 'tests.schema.json')
    .map((name) => parseLossless(readFileSync(join(directory, name), 'utf8')) as Suite);
}

/** Says what differs from what the case expects; undefined where nothing does. */
function failure(suite: Suite, test: Case, engine: Engine): unknown {
  let columns: string[];
  const rows: Row[] = [];
  try {
    const view = compileView(test.view, { engine });
    columns = view.columns.map(({ name }) => name);
    const emit = (row: readonly Cell[]): void =>
      void rows.push(Object.fromEntries(columns.map((name, index) => [name, row[index]])));
    for (const resource of suite.resources) view.rows(resource, emit);
  } catch (error) {
    return test.expectError ? undefined : error;
  }
  if (test.expectError) return { rows, instead: 'of an error' };
  if (test.expectCount !== undefined && rows.length !== test.expectCount) return { rows, wanted: test.expectCount };
  if (test.expectColumns && !isDeepStrictEqual(columns, test.expectColumns))
    return { columns, wanted: test.expectColumns };
  return test.expect && !isDeepStrictEqual(sorted(rows), sorted(test.expect))
    ? { rows, wanted: test.expect }
    : undefined;
}

/** The order of rows is not part of the specification. A column that a case leaves out is null. */
function sorted(rows: readonly Row[]): string[] {
  return rows
    .map((row) =>
      Object.entries(row)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [name, JSON.stringify(value)])
        .sort(),
    )
    .map((row) => JSON.stringify(row))
    .sort();
}

(vectors === undefined ? describe.skip : describe)('the suite of SQL on FHIR', () => {
  const passed = new Map(ENGINES.map((engine) => [engine, 0]));

  describe.each(ENGINES)('by %s', (engine) => {
    for (const suite of suites) {
      it.each(suite.tests)(`${suite.title}: $title`, (test) => {
        expect(failure(suite, test, engine)).toBeUndefined();
        passed.set(engine, (passed.get(engine) ?? 0) + 1);
      });
    }
  });

  it('passes whole', () => {
    const total = suites.reduce((sum, { tests }) => sum + tests.length, 0);
    console.info(
      `SQL on FHIR: ${ENGINES.map((engine) => `${passed.get(engine)} of ${total} by ${engine}`).join(', ')}`,
    );
    expect(total).toBe(144);
    expect([...passed.values()]).toEqual([total, total]);
  });
});
