import { Decimal, type Environment, toItems } from '@chartledger/fhir';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyExpression, anyResource, RESOURCES } from './any-resource.fixture.js';
import { compileEvaluator, type PathEvaluator } from './path-evaluator.js';
import { RowError } from './view-error.js';

const RUNS = 1_000;

function evaluator(text: string, type: string, engine: 'closures' | 'fhirpath.js'): PathEvaluator | undefined {
  return compileEvaluator({ place: '', text }, { types: [type], variables: new Map(), engine });
}

/** Decimals by their digits, so that 1.50 is not 1.5. */
function shown(value: unknown): unknown {
  if (value instanceof Decimal) return { digits: value.toString() };
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shown(member)]));
}

/** What an evaluation gives, or that it is an error. */
function result({ evaluate }: PathEvaluator, resource: unknown, environment: Environment): unknown[] {
  try {
    return shown(toItems(evaluate(resource, environment))) as unknown[];
  } catch (error) {
    if (error instanceof RowError) return ['an error'];
    throw error;
  }
}

describe('closures give what fhirpath.js gives', () => {
  it.each(RESOURCES)('on any %s', (type) => {
    let covered = 0;
    let withValue = 0;
    const cases = fc.tuple(anyExpression(type), fc.array(anyResource(type), { minLength: 3, maxLength: 3 }));
    fc.assert(
      fc.property(cases, ([text, resources]) => {
        const closure = evaluator(text, type, 'closures');
        if (!closure) return;
        covered += 1;
        const theirs = evaluator(text, type, 'fhirpath.js') as PathEvaluator;
        for (const resource of resources) {
          const environment = { resource, rowIndex: 0, source: 'st-mary', strict: true };
          const wanted = result(theirs, resource, environment);
          if (wanted.length > 0) withValue += 1;
          expect([text, result(closure, resource, environment)]).toEqual([text, wanted]);
        }
      }),
      { numRuns: RUNS },
    );
    console.info(`${type}: ${covered} of ${RUNS} expressions by closures, ${withValue} results with a value`);
    expect(covered).toBeGreaterThan(RUNS / 3);
    expect(withValue).toBeGreaterThan(RUNS / 4);
  });
});
