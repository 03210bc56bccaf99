import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ANONYMOUS } from '@chartledger/platform';
import { startTestDatabase, type TestDatabase } from '@chartledger/testing';
import { CHAIN, openMatching, type MatchingStages } from '../online/matching-stages.fixture.js';
import { isReached, MatchedElsewhere, MatchedHere } from './matched.js';

let database: TestDatabase;
let world: MatchingStages;
beforeAll(async () => {
  database = await startTestDatabase();
  world = await openMatching(await database.another(), database.dataDir);
});
afterAll(async () => {
  await world.stop();
  await database.stop();
});

const SOON_MS = 50;

it('who waits elsewhere sees what the matcher of another process has decided, and is told when it does not come', async () => {
  const { pool, views } = world.stages;
  const seq = await world.send({ 'clinic/p1': { name: [{ family: 'Kowalczyk', given: ['Ann'] }], birthDate: '1974' } });
  expect(await isReached(new MatchedElsewhere(pool, views, SOON_MS), CHAIN, seq)).toBe(false);
  const matcher = world.startMatcher();
  expect(await isReached(new MatchedElsewhere(pool, views), CHAIN, seq)).toBe(true);
  expect((await world.reader.personOf(ANONYMOUS, { source: 'clinic', patient: 'p1' })).value).toMatch(
    /^[0-9a-f-]{36}$/,
  );
  expect(await isReached(new MatchedHere(matcher), CHAIN, seq)).toBe(true);
  expect(await isReached(new MatchedHere(matcher, SOON_MS), CHAIN, seq + 1)).toBe(false);
  await expect(new MatchedHere(matcher, SOON_MS).reached(CHAIN, seq + 1)).rejects.toMatchObject({ status: 503 });
});
