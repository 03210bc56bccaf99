import { FhirError } from '@chartledger/platform';
import { identifierQuestion } from '@chartledger/records';
import { type Token, type Tokens } from '@chartledger/security';
import { parseCondition, splitConditional } from './condition.js';
import { type Questions } from './registry.js';
import { type Submission } from './submission.js';

/** What a group of submissions must know of the registry, so that one round trip answers all of it. */
export function questionsOf(tokens: Tokens, submissions: readonly Submission[]): Questions {
  const questions: Questions = {
    records: new Map(),
    identifiers: new Set(),
    existing: new Map(),
    submissions: new Set(),
  };
  for (const submission of submissions) {
    if (submission.repeatable) questions.submissions.add(submission.id);
    askOf(tokens, submission, questions);
  }
  return questions;
}

function askOf(tokens: Tokens, submission: Submission, questions: Questions): void {
  const source = submission.source.name;
  const asked = new Set<string>();
  const ask = (type: string, query: string, wantsVersion: boolean): void => {
    const key = `${type}?${query} ${wantsVersion}`;
    if (asked.has(key)) return;
    asked.add(key);
    const token = tokenOf(tokens, source, type, query);
    if (!token) return;
    questions.identifiers.add(token);
    if (wantsVersion) questions.existing.set(token, { source, type });
  };
  for (const change of submission.changes) {
    const { type, id, method } = change;
    if (id !== undefined) {
      const key = `${source}/${type}/${id}`;
      // The same decision again is another version, so its text is not asked for. Another change of the group may need the
      // text though this one does not.
      const content = (method === 'PUT' && change.kind === undefined) || questions.records.get(key)?.content === true;
      questions.records.set(key, { source, type, id, content });
    }
    if (change.ifNoneExist !== undefined) ask(type, change.ifNoneExist, true);
    if (submission.kind !== 'transaction') continue;
    for (const { value, mustResolve } of change.links) {
      const conditional = mustResolve ? splitConditional(value) : undefined;
      if (conditional) ask(conditional.type, conditional.query, false);
    }
  }
}

/** A condition that cannot be understood asks nothing here; deciding refuses it, naming the element. */
function tokenOf(tokens: Tokens, source: string, type: string, query: string): Token | undefined {
  try {
    return identifierQuestion(tokens, source, type, parseCondition(type, query).token);
  } catch (error) {
    if (error instanceof FhirError) return undefined;
    throw error;
  }
}
