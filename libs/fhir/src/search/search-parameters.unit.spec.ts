import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { RESOURCE_TYPES } from '../reference/resource-types.table.js';
import { identifierTokens } from './identifier-tokens.js';
import { referenceValues } from './reference-values.js';
import { SEARCH_PARAMETERS, searchParametersOf } from './search-parameters.js';

describe('the tables of R4', () => {
  it('are what the generator makes of the definitions', () => {
    const output = execFileSync(process.execPath, ['tools/fhir-search/generate.mjs', '--check'], { encoding: 'utf8' });
    expect(output).toBe('');
  });

  it('have every parameter of R4, each with its type and bases', () => {
    expect(SEARCH_PARAMETERS).toHaveLength(1_378);
    const types = ['number', 'date', 'string', 'token', 'reference', 'composite', 'quantity', 'uri', 'special'];
    for (const { id, code, type, base, target } of SEARCH_PARAMETERS) {
      expect([id, types.includes(type), code !== '', base.every((name) => /^[A-Z]\w+$/.test(name))]).toEqual([
        id,
        true,
        true,
        true,
      ]);
      expect([id, target.every((name) => RESOURCE_TYPES.includes(name))]).toEqual([id, true]);
    }
    const untargeted = SEARCH_PARAMETERS.filter(({ target, type }) => (type === 'reference') !== target.length > 0);
    expect(untargeted.map(({ id }) => id)).toEqual(['RequestGroup-instantiates-canonical']);
  });
});

describe('searchParametersOf', () => {
  it('has the parameters of the type and of the types above it', () => {
    const patient = searchParametersOf('Patient');
    expect(patient.get('birthdate')?.type).toBe('date');
    expect(patient.get('birthdate')?.definition.id).toBe('individual-birthdate');
    expect(patient.get('general-practitioner')?.definition.target).toEqual([
      'Practitioner',
      'Organization',
      'PractitionerRole',
    ]);
    expect(patient.has('_id')).toBe(true);
    expect(patient.has('_text')).toBe(true);
    expect(patient.has('subject')).toBe(false);
    expect(searchParametersOf('Bundle').has('_text')).toBe(false);
  });

  it('is the same map each time, and empty for what is no type', () => {
    expect(searchParametersOf('Patient')).toBe(searchParametersOf('Patient'));
    expect(searchParametersOf('Resource').size).toBe(0);
    expect(searchParametersOf('__proto__').size).toBe(0);
  });

  it('evaluates for its type', () => {
    const resource = { resourceType: 'Observation', effectivePeriod: { start: '2020' }, code: { text: 'x' } };
    const parameters = searchParametersOf('Observation');
    expect(parameters.get('date')?.evaluate?.(resource)).toEqual([{ start: '2020' }]);
    expect(parameters.get('code')?.evaluate?.(resource)).toEqual([{ text: 'x' }]);
    expect(parameters.get('_text')?.evaluate).toBeUndefined();
  });
});

describe('identifierTokens', () => {
  it('gives system and value of each identifier that has a value', () => {
    const identifier = [
      { system: 'http://example.org/mrn', value: '1' },
      { value: '2' },
      { system: 'http://example.org/empty' },
      { system: 'http://example.org/x', _value: { extension: [] } },
      'no identifier',
      null,
    ];
    expect(identifierTokens('Patient', { resourceType: 'Patient', identifier })).toEqual([
      { system: 'http://example.org/mrn', value: '1' },
      { value: '2' },
    ]);
  });

  it('follows the parameter of the type', () => {
    const manifest = { masterIdentifier: { value: 'master' }, identifier: [{ value: 'one' }] };
    expect(identifierTokens('DocumentManifest', manifest)).toEqual([{ value: 'master' }, { value: 'one' }]);
    expect(identifierTokens('Bundle', { identifier: { value: 'b' } })).toEqual([{ value: 'b' }]);
    expect(identifierTokens('Binary', { identifier: [{ value: 'b' }] })).toEqual([]);
    expect(identifierTokens('Patient', { resourceType: 'Patient' })).toEqual([]);
    expect(identifierTokens('Nothing', {})).toEqual([]);
  });

  it('every identifier parameter of R4 is over the data type Identifier', () => {
    const odd = SEARCH_PARAMETERS.filter(({ code }) => code === 'identifier').filter(
      ({ type, expression }) =>
        type !== 'token' || !/^\w+(\.\w+)*dentifier( \| \w+(\.\w+)*dentifier)*$/.test(expression),
    );
    expect(odd.map(({ id }) => id)).toEqual([]);
  });
});

describe('referenceValues', () => {
  const observation = {
    resourceType: 'Observation',
    subject: { reference: 'Patient/1' },
    performer: [{ reference: 'Practitioner/2' }, { identifier: { value: 'x' } }, { reference: 'urn:uuid:3' }],
  };

  it('gives the texts as they are written', () => {
    expect(referenceValues('Observation', 'subject', observation)).toEqual(['Patient/1']);
    expect(referenceValues('Observation', 'patient', observation)).toEqual(['Patient/1']);
    expect(referenceValues('Observation', 'performer', observation)).toEqual(['Practitioner/2', 'urn:uuid:3']);
  });

  it('asks the type behind a urn where the parameter keeps references to one type', () => {
    const subject = { subject: { reference: 'urn:uuid:3' } };
    expect(referenceValues('Observation', 'subject', subject)).toEqual(['urn:uuid:3']);
    expect(referenceValues('Observation', 'patient', subject)).toEqual([]);
    expect(referenceValues('Observation', 'patient', subject, () => 'Patient')).toEqual(['urn:uuid:3']);
    expect(referenceValues('Observation', 'patient', subject, () => 'Group')).toEqual([]);
  });

  it('gives canonicals, and nothing for other parameters', () => {
    const report = { resourceType: 'MeasureReport', measure: 'http://example.org/Measure/1|2', status: 'complete' };
    expect(referenceValues('MeasureReport', 'measure', report)).toEqual(['http://example.org/Measure/1|2']);
    expect(referenceValues('MeasureReport', 'status', report)).toEqual([]);
    expect(referenceValues('MeasureReport', 'unknown', report)).toEqual([]);
    expect(referenceValues('Observation', 'subject', { subject: { reference: 1 } })).toEqual([]);
  });
});
