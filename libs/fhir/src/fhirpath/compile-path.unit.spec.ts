import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4/index.js';
import { compilePath } from './compile-path.js';
import { referenceEngine } from './reference-engine.fixture.js';
import { MAX_NESTING } from './parse.js';
import subsets from './subset.cases.json' with { type: 'json' };
import { MAX_TOKENS } from './tokens.js';

const compileWithFhirpathJs = referenceEngine(fhirpath, r4);

/** A subject without a resource takes the one before. */
interface Subset {
  subject: string;
  resource?: unknown;
  cases: { expression: string; result: unknown[] }[];
}

let resource: unknown;
for (const subset of subsets as Subset[]) {
  resource = subset.resource ?? resource;
  const subject = resource;
  describe(`compilePath: ${subset.subject}`, () => {
    it.each(subset.cases)('$expression', ({ expression, result }) => {
      expect(compilePath(expression)?.(subject)).toEqual(result);
    });

    it.each(subset.cases)('$expression as fhirpath.js', ({ expression, result }) => {
      expect(compileWithFhirpathJs(expression)(subject)).toEqual(result);
    });
  });
}

describe('compilePath: outside the subset', () => {
  it.each([
    '',
    ' ',
    'Patient.',
    '.name',
    'Patient name',
    'Patient.name.where()',
    'Patient.name.where(use = ',
    'Patient.name[',
    'Patient.name[x]',
    'Patient.name[1.5]',
    'Patient.name[-1]',
    "Patient.name.given = 'unended",
    "'\\q'",
    'Patient.birthDate = @2020-01-01',
    'Patient.birthDate > 1',
    'Patient.name.given.join(1)',
    'Patient.link.other.resolve()',
    'Patient.link.other.resolve().name',
    'value.ofType(string)',
    'Patient.multipleBirth as System.Integer',
    'Patient.multipleBirth.ofType(1)',
    'Patient.extension(url)',
    'HumanName.family',
    'Patient.Name',
    'Patient.constructor',
    'Patient.name.`__proto__`',
    '{}',
    '%constant',
    'Patient.name[%index]',
    'Patient.name = Patient.contact.name',
    'value < 2',
    "Patient.birthDate < '2020'",
    'Patient.name.given + 1',
    '-1',
    'value.lowBoundary()',
    'Patient.name.lowBoundary()',
    'Patient.multipleBirth.join()',
  ])('%j is left to the caller', (expression) => {
    expect(compilePath(expression)).toBeUndefined();
  });

  it('texts that would need a deep stack are left to the caller', () => {
    expect(compilePath('('.repeat(100_000))).toBeUndefined();
    expect(compilePath(`${'('.repeat(MAX_NESTING)}id${')'.repeat(MAX_NESTING)}`)).toBeUndefined();
    expect(compilePath(`id${'.id'.repeat(MAX_TOKENS)}`)).toBeUndefined();
    expect(compilePath(`id${'|id'.repeat(MAX_TOKENS / 2 - 1)}`)?.({ id: 'a' })).toEqual(['a']);
  });

  it('texts cost time in proportion to their length', () => {
    const chain = compilePath(`extension${'.value.extension'.repeat(400)}`);
    expect(chain?.({ extension: [{ valueString: 'x' }] })).toEqual([]);
    const depth = MAX_NESTING - 1;
    const nested = compilePath(`${'('.repeat(depth)}effective${' is Period).effective'.repeat(depth)}`);
    expect(nested?.({ effectivePeriod: {} })).toEqual([]);
  });

  it('no text throws, and what compiles evaluates on any JSON', () => {
    const words = [
      'Patient',
      'name',
      'value',
      'deceased',
      '.',
      '(',
      ')',
      '[',
      ']',
      '0',
      '|',
      ' as ',
      ' is ',
      'Quantity',
      "'x'",
    ];
    const more = [
      '=',
      '!=',
      ' and ',
      ' or ',
      'where',
      'exists',
      'resolve',
      'extension',
      'first',
      'not',
      '$this',
      '`',
      '\\',
      ',',
    ];
    const likely = fc.array(fc.constantFrom(...words, ...more), { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string(), likely), fc.jsonValue(), (expression, json) => {
        const evaluate = compilePath(expression);
        if (evaluate) expect(Array.isArray(evaluate(json))).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('compilePath: resolve() is T', () => {
  const evaluate = compilePath('Observation.subject.where(resolve() is Patient)', { type: 'Observation' });
  const subjectOf = (reference: string): unknown => ({ resourceType: 'Observation', subject: { reference } });

  it.each([
    'Patient/1',
    'Patient/1/_history/2',
    'https://example.org/fhir/Patient/1',
    'Patient?identifier=http://example.org/mrn|1',
  ])('the text %s says that it is', (reference) => {
    expect(evaluate?.(subjectOf(reference))).toEqual([{ reference }]);
  });

  it.each([
    'Group/1',
    'https://example.org/fhir/Group/1',
    'Group?identifier=1',
    'Patient',
    'Patient/',
    'urn:uuid:x',
    '#p',
  ])('the text %s does not', (reference) => {
    expect(evaluate?.(subjectOf(reference))).toEqual([]);
  });

  it('the caller is asked where the text does not say', () => {
    const reference = 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520';
    const asked: string[] = [];
    const typeOf = (text: string): string => {
      asked.push(text);
      return 'Patient';
    };
    expect(evaluate?.(subjectOf(reference), typeOf)).toEqual([{ reference }]);
    expect(evaluate?.(subjectOf('Group/1'), typeOf)).toEqual([]);
    expect(asked).toEqual([reference]);
  });
});

describe('compilePath: hostile resources', () => {
  it('a union over very many items stays linear and keeps one of each', () => {
    const code = Array.from({ length: 100_000 }, (_, index) => ({ b: index % 50_000, a: 1 }));
    const found = compilePath('code | component')?.({ code, component: [{ a: 1, b: 7 }] });
    expect(found).toHaveLength(50_000);
  });
});
