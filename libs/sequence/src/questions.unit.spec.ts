import { describe, expect, it } from '@jest/globals';
import { ANONYMOUS } from '@chartledger/platform';
import { NO_FACTS } from '@chartledger/projection';
import { Tokens } from '@chartledger/security';
import { questionsOf } from './questions.js';
import { type Change, type Submission } from './submission.js';

const tokens = new Tokens(Buffer.alloc(32, 1));

function change(method: Change['method'], id: string): Change {
  return {
    index: undefined,
    method,
    type: 'Patient',
    id,
    url: `Patient/${id}`,
    fullUrl: undefined,
    text: Buffer.alloc(0),
    links: [],
    facts: NO_FACTS,
    patient: undefined,
    ifMatch: undefined,
    ifNoneMatch: undefined,
    ifNoneExist: undefined,
    findings: undefined,
  };
}

function submission(...changes: Change[]): Submission {
  const source = { name: 'clinic', chain: 1, validation: 'reject' as const };
  return { actor: ANONYMOUS, source, id: 's', repeatable: false, requestId: 'r', kind: 'batch', changes };
}

describe('what a group of submissions asks', () => {
  it.each([
    ['in one submission', [submission(change('PUT', 'a'), change('DELETE', 'a'))]],
    ['the other way round', [submission(change('DELETE', 'a'), change('PUT', 'a'))]],
    ['in two', [submission(change('PUT', 'a')), submission(change('DELETE', 'a'))]],
  ])('is the text of a record that any change may repeat: %s', (_where, submissions) => {
    expect(questionsOf(tokens, submissions).records.get('clinic/Patient/a')).toMatchObject({ content: true });
  });

  it('is no text for a record that is only deleted', () => {
    const { records } = questionsOf(tokens, [submission(change('DELETE', 'a'))]);
    expect(records.get('clinic/Patient/a')).toMatchObject({ content: false });
  });
});
