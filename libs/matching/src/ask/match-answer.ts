import { type Issue } from '@chartledger/platform';
import { operationOutcome } from '@chartledger/platform';
import { type EntryText } from '@chartledger/records';
import { type Grade } from '../engine/grade.js';
import { recordName } from '../persons/person-entries.js';
import { type MatchRequest } from './match-request.js';
import { type Candidate } from './ports.js';
import { probabilityOf } from './waterfall.js';

/** http://hl7.org/fhir/R4/extension-match-grade.html */
const MATCH_GRADE = 'http://hl7.org/fhir/StructureDefinition/match-grade';
/** The person that the record is of. */
const PERSON = 'urn:chartledger:person';

/** A candidate with whose it is and how sure that is. */
export interface GradedCandidate extends Candidate {
  grade: Exclude<Grade, 'certainly-not'>;
  /** Id of a person; absent for a record that is not matched yet. */
  person?: string;
  /** The Patient that was compared, as it is served. */
  body: Buffer;
}

/** What is answered, and what the client is told beside it. */
export interface Selection {
  matches: GradedCandidate[];
  advice: Issue[];
}

/**
 * What of the candidates, the best first, a request is answered with. Two records of one person are one match: whether a
 * match is ambiguous is judged by persons.
 */
export function selectMatches(
  candidates: readonly GradedCandidate[],
  { onlyCertainMatches, onlySingleMatch, count }: Omit<MatchRequest, 'patient'>,
): Selection {
  const wanted = onlyCertainMatches ? candidates.filter(({ grade }) => grade === 'certain') : candidates;
  const persons = new Set(wanted.map((candidate) => candidate.person ?? recordName(candidate)));
  if (onlyCertainMatches && persons.size > 1)
    return { matches: [], advice: [advice('multiple-matches', SEVERAL_CERTAIN)] };
  const matches = wanted.slice(0, onlySingleMatch ? 1 : count);
  if (matches.length > 0) return { matches, advice: [] };
  return { matches, advice: [advice('not-found', candidates.length > 0 ? NONE_CERTAIN : NO_MATCH)] };
}

const SEVERAL_CERTAIN =
  'records of more than one person match with certainty, so none is answered: describe the patient more closely, or ask without onlyCertainMatches';
const NONE_CERTAIN = 'no record matches with certainty: ask without onlyCertainMatches to see those that may match';
const NO_MATCH =
  'no record matches: a name with a birth date, a phone number or an address, or an identifier, is what matching goes by';

function advice(code: string, diagnostics: string): Issue {
  return { severity: 'information', code, diagnostics };
}

/** An entry of the searchset. */
export function matchEntry(root: string, { grade, score, person, source, patient, body }: GradedCandidate): EntryText {
  const extension = [
    { url: MATCH_GRADE, valueCode: grade },
    ...(person ? [{ url: PERSON, valueReference: { reference: `${root}/fhir/chartledger/Person/${person}` } }] : []),
  ];
  return {
    fullUrl: `${root}/fhir/${recordName({ source, patient })}`,
    resource: body,
    rest: { search: { extension, mode: 'match', score: scoreOf(score) } },
  };
}

export function adviceEntry(issues: readonly Issue[]): EntryText {
  return { resource: Buffer.from(JSON.stringify(operationOutcome(issues))), rest: { search: { mode: 'outcome' } } };
}

/** Bundle.entry.search.score: a probability, with as many digits as it is good for. Never 1: nothing is that certain. */
function scoreOf(score: number): number {
  return Math.min(0.9999, Math.round(probabilityOf(score) * 10_000) / 10_000);
}
