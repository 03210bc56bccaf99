import { describe, expect, it } from '@jest/globals';
import { checkViewDefinition } from './check-view.js';

function issuesOf(view: object): string[] {
  return checkViewDefinition({ resourceType: 'ViewDefinition', name: 'v', ...view }).map(
    ({ diagnostics }) => diagnostics,
  );
}

describe('checkViewDefinition', () => {
  it('takes a sound view', () => {
    const select = [{ column: [{ name: 'id', path: 'getResourceKey()' }] }];
    expect(issuesOf({ resource: 'Patient', select })).toEqual([]);
  });

  it('says what compileView refuses, with its place', () => {
    expect(
      checkViewDefinition({ resourceType: 'ViewDefinition', name: 'v', resource: 'Patient', select: [1] }),
    ).toEqual([
      {
        severity: 'error',
        code: 'invalid',
        diagnostics: 'ViewDefinition.select[0]: is no object',
        expression: ['ViewDefinition.select[0]'],
      },
    ]);
  });

  it('wants a name that a table can have', () => {
    const view = { resource: 'Patient', select: [{ column: [{ name: 'a', path: 'id' }] }] };
    expect(issuesOf({ ...view, name: undefined })).toEqual(["ViewDefinition.name: is missing: it is the table's name"]);
    expect(issuesOf({ ...view, name: 'my view' })[0]).toMatch(/^ViewDefinition\.name: must begin with a letter/);
  });

  it.each([
    ['name.famly', 'HumanName has no element famly'],
    ['name.where(usage = 1).family', 'HumanName has no element usage'],
    ['contact.name.period.begin', 'Period has no element begin'],
    ['birthdate', 'Patient has no element birthdate'],
    ['multipleBirth.ofType(integer).x', undefined],
    ['contained.id', undefined],
    ['extension.value.ofType(CodeableConcept).coding.code', undefined],
    ['birthDate.extension.url', undefined],
  ])('of the elements of %s says: %s', (path, problem) => {
    const view = { resource: 'Patient', select: [{ column: [{ name: 'a', path, collection: true }] }] };
    const wanted = problem === undefined ? [] : [`ViewDefinition.select[0].column[0].path: ${problem}`];
    expect(issuesOf(view)).toEqual(wanted);
  });

  it('a path of a repeat may lead on from what was found only', () => {
    const column = [{ name: 'a', path: 'linkId' }];
    const repeat = (paths: string[]): object => ({
      resource: 'QuestionnaireResponse',
      select: [{ repeat: paths, column }],
    });
    expect(issuesOf(repeat(['item', 'answer.item']))).toEqual([]);
    expect(issuesOf(repeat(['item', 'answers.item']))).toEqual([
      'ViewDefinition.select[0].repeat[1]: QuestionnaireResponse has no element answers',
    ]);
  });
});
