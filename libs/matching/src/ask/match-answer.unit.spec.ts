import { expect, it } from '@jest/globals';
import { type GradedCandidate, matchEntry, selectMatches } from './match-answer.js';

const OPTIONS = { onlyCertainMatches: false, onlySingleMatch: false, count: 20 };
const candidate = (patient: string, grade: GradedCandidate['grade'], person?: string): GradedCandidate => ({
  source: 'st-mary',
  patient,
  seq: 1,
  score: 0,
  body: Buffer.from('{}'),
  grade,
  ...(person ? { person } : {}),
});
const ids = ({ matches }: ReturnType<typeof selectMatches>): string[] => matches.map(({ patient }) => patient);

it('two certain records of one person are one match, of two people they are none', () => {
  const ofOne = [candidate('a', 'certain', 'P'), candidate('b', 'certain', 'P'), candidate('c', 'possible', 'Q')];
  const certain = { ...OPTIONS, onlyCertainMatches: true };
  expect(ids(selectMatches(ofOne, certain))).toEqual(['a', 'b']);
  const ofTwo = selectMatches([candidate('a', 'certain', 'P'), candidate('b', 'certain', 'Q')], certain);
  expect([ids(ofTwo), ofTwo.advice.map(({ code }) => code)]).toEqual([[], ['multiple-matches']]);
  expect(ids(selectMatches([candidate('a', 'certain'), candidate('b', 'certain')], certain))).toEqual([]);
});

it('says what may help where nothing is answered', () => {
  const certain = { ...OPTIONS, onlyCertainMatches: true };
  expect(selectMatches([candidate('a', 'possible')], certain).advice[0].diagnostics).toContain(
    'without onlyCertainMatches',
  );
  expect(selectMatches([], OPTIONS).advice[0].diagnostics).toContain('birth date');
  expect(selectMatches([candidate('a', 'possible')], OPTIONS).advice).toEqual([]);
});

it('a count and onlySingleMatch take the best', () => {
  const all = [candidate('a', 'certain', 'P'), candidate('b', 'probable', 'Q'), candidate('c', 'possible')];
  expect(ids(selectMatches(all, { ...OPTIONS, count: 2 }))).toEqual(['a', 'b']);
  expect(ids(selectMatches(all, { ...OPTIONS, onlySingleMatch: true }))).toEqual(['a']);
});

it('a score is from 0 to 1, and never 1', () => {
  const scoreOf = (score: number): unknown =>
    (
      matchEntry('http://h', { ...candidate('a', 'certain'), score }).rest['search'] as {
        score: number;
      }
    ).score;
  expect([-50_000, 0, 90_000].map(scoreOf)).toEqual([0, 0.5, 0.9999]);
});
