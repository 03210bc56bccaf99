import { sharedFolder } from '@chartledger/testing';
import { describe, expect, it } from '@jest/globals';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4/index.js';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { RESOURCE_TYPES } from '../reference/resource-types.table.js';
import { SEARCH_PARAMETERS, searchParametersOf } from '../search/search-parameters.js';
import { compilePath } from './compile-path.js';
import { referenceEngine } from './reference-engine.fixture.js';
import { type Json, syntheticResource, variantsOf } from './synthetic-resources.fixture.js';

const compileWithFhirpathJs = referenceEngine(fhirpath, r4);

const withExpression = SEARCH_PARAMETERS.filter(({ expression }) => expression !== '');
const wanted = new Map(withExpression.map(({ id, expression }) => [id, compileWithFhirpathJs(expression)]));
const general = new Map(withExpression.map(({ id, expression }) => [id, compilePath(expression)]));

/**
 * Holds every parameter of a resource's type to fhirpath.js, the closure for the type and the one for any type.
 * @returns the parameters that had a value, as Type.code.
 */
function holdToFhirpathJs(resource: Json): string[] {
  const type = resource.resourceType as string;
  const found: string[] = [];
  for (const { code, definition, evaluate } of searchParametersOf(type).values()) {
    if (!evaluate) continue;
    const theirs = wanted.get(definition.id)?.(resource);
    for (const ours of [evaluate(resource), general.get(definition.id)?.(resource)]) {
      if (!isDeepStrictEqual(ours, theirs)) expect([type, code, ours]).toEqual([type, code, theirs]);
    }
    if (theirs && theirs.length > 0) found.push(`${type}.${code}`);
  }
  return found;
}

describe('search expressions of R4', () => {
  it('all compile', () => {
    const outside = withExpression.filter(({ id }) => general.get(id) === undefined).map(({ id }) => id);
    console.info(`${withExpression.length - outside.length} of ${withExpression.length} R4 search expressions compile`);
    expect(outside).toEqual([]);
    expect(withExpression).toHaveLength(1_375);
  });

  it('those that no path answers have no expression', () => {
    const without = SEARCH_PARAMETERS.filter(({ expression }) => expression === '').map(({ code }) => code);
    expect(without).toEqual(['_text', '_content', '_query']);
  });

  it('give what fhirpath.js gives, on resources in which every parameter has a value', () => {
    const populated = new Set<string>();
    for (const type of RESOURCE_TYPES) {
      for (let variant = 0; variant < variantsOf(type); variant += 1) {
        for (const place of holdToFhirpathJs(syntheticResource(type, variant))) populated.add(place);
      }
    }
    const empty = RESOURCE_TYPES.flatMap((type) =>
      [...searchParametersOf(type).values()]
        .filter(({ definition, code }) => definition.expression !== '' && !populated.has(`${type}.${code}`))
        .map(({ code }) => `${type}.${code}`),
    );
    expect(empty).toEqual([]);
  });

  it('give nothing on resources of another type', () => {
    const evaluate = compilePath('Observation.subject | Condition.subject');
    expect(evaluate?.({ resourceType: 'Procedure', subject: { reference: 'Patient/1' } })).toEqual([]);
    expect(compilePath('Observation.subject', { type: 'Procedure' })?.({ subject: {} })).toEqual([]);
  });
});

/** Enough of each type to meet the shapes that Synthea writes, few enough for fhirpath.js. */
const RESOURCES_A_TYPE = 150;

/** One bundle in so many is read: all types are among them, and reading is most of the time. */
const BUNDLE_STRIDE = 3;

const shared = sharedFolder();
const bundles = join(shared ?? '', 'data/synthea-hiv');

describe('search expressions of R4 on real resources', () => {
  (shared === undefined ? it.skip : it)('give what fhirpath.js gives', () => {
    const names = readdirSync(bundles).filter((_, index) => index % BUNDLE_STRIDE === 0);
    const counts = new Map<string, number>();
    for (const resource of names.flatMap(readBundle)) {
      const type = resource.resourceType as string;
      const count = (counts.get(type) ?? 0) + 1;
      counts.set(type, count);
      if (count <= RESOURCES_A_TYPE) holdToFhirpathJs(resource);
    }
    expect(counts.get('Observation')).toBeGreaterThan(RESOURCES_A_TYPE);
  });
});

function readBundle(name: string): Json[] {
  const text = gunzipSync(readFileSync(join(bundles, name))).toString('utf8');
  return (JSON.parse(text) as { entry: { resource: Json }[] }).entry.map(({ resource }) => resource);
}
