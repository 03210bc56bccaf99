import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Ledger } from '@chartledger/ledger';
import { UnavailableError } from '@chartledger/platform';
import { openStages, startTestDatabase, type TestDatabase, type TestStages } from '@chartledger/testing';
import fc from 'fast-check';
import { type Answers, type Command, commands, Model } from './sequencer.model.fixture.js';
import { World } from './sequencer.world.fixture.js';

/** Each run takes a sequence of commands through real stages. */
const RUNS = 60;
const RUNS_WITH_RACES = 25;
const TIMEOUT_MS = 120_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

describe('random commands', () => {
  let stages: TestStages;
  let run = 0;
  beforeAll(async () => {
    stages = await openStages(await database.another(), database.dataDir);
  });
  afterAll(() => stages.stop());

  const property = (execute: (world: World, sequence: readonly Command[]) => Promise<Answers[]>): Promise<void> =>
    fc.assert(
      fc.asyncProperty(commands, async (sequence) => {
        const world = new World(stages, `r${run++}-`);
        const { seq } = await stages.ledger.head(1);
        const answers = await execute(world, sequence);
        const model = new Model();
        expect(answers).toEqual(sequence.map((command, at) => model.execute(command, answers[at])));
        expect(await world.read(model.records.keys())).toEqual(model.records);
        expect((await stages.ledger.head(1)).seq - seq).toBe(model.entries);
      }),
      { numRuns: RUNS },
    );

  it(
    'are answered and recorded as the model says, each after the answer to the one before',
    () =>
      property(async (world, sequence) => {
        const answers: Answers[] = [];
        for (const command of sequence) answers.push(await world.execute(command));
        return answers;
      }),
    TIMEOUT_MS,
  );

  it(
    'that wait together are answered and recorded as the model says, in the order in which they came',
    () => property((world, sequence) => Promise.all(sequence.map((command) => world.execute(command)))),
    TIMEOUT_MS,
  );
});

describe('two writers on one chain', () => {
  it(
    'lose nothing and record nothing twice, and their clients are answered as the model says',
    async () => {
      const connection = await database.another();
      const writers: { other?: TestStages } = {};
      let foreign = 0;
      let appends = 0;
      /** Before every other append of the one, the other writes: the one has lost the race. */
      const lose = (ledger: Ledger): Ledger =>
        withAppend(ledger, async (head, entries) => {
          if (writers.other && appends++ % 2 === 0) {
            await writers.other.send({ method: 'PUT', id: `foreign-${foreign++}` }, patient(`foreign-${foreign - 1}`));
          }
          return ledger.append(head, entries);
        });
      const one = await openStages(connection, database.dataDir, { wrapLedger: lose });
      const other = await openStages(connection, database.dataDir);
      writers.other = other;
      let run = 0;
      try {
        await fc.assert(
          fc.asyncProperty(commands, async (sequence) => {
            const world = new World(one, `w${run++}-`);
            const { seq } = await one.ledger.head(1);
            const before = foreign;
            const answers = await Promise.all(sequence.map((command) => world.execute(command)));
            const model = new Model();
            expect(answers).toEqual(sequence.map((command, at) => model.execute(command, answers[at])));
            expect(await world.read(model.records.keys())).toEqual(model.records);
            expect((await one.ledger.head(1)).seq - seq).toBe(model.entries + foreign - before);
          }),
          { numRuns: RUNS_WITH_RACES },
        );
        expect(foreign).toBeGreaterThan(10);
      } finally {
        await other.stop();
        await one.stop();
      }
    },
    TIMEOUT_MS,
  );
});

describe('an append whose outcome is not known', () => {
  it(
    'is told to the client, and the same submission sent again is applied once',
    async () => {
      let appends = 0;
      /** The connection breaks before, or after, the entries are durable. */
      const fail = (ledger: Ledger): Ledger =>
        withAppend(ledger, async (head, entries) => {
          const turn = appends++ % 4;
          if (turn === 1) throw new Error('the connection broke before the statement');
          const appended = await ledger.append(head, entries);
          if (turn === 2) throw new Error('the connection broke after the commit');
          return appended;
        });
      const stages = await openStages(await database.another(), database.dataDir, { wrapLedger: fail });
      try {
        const keys = Array.from({ length: 60 }, () => randomUUID());
        const versions = new Map<string, number>();
        let unknown = 0;
        for (const [at, idempotencyKey] of keys.entries()) {
          const id = `p${at % 5}`;
          for (;;) {
            try {
              const { results } = await stages.send({ id, idempotencyKey }, patient(id, `Name ${at}`));
              expect(results).toMatchObject([{ version: (versions.get(id) ?? 0) + 1 }]);
              break;
            } catch (error) {
              expect(error).toBeInstanceOf(UnavailableError);
              unknown += 1;
            }
          }
          versions.set(id, (versions.get(id) ?? 0) + 1);
        }
        expect(unknown).toBeGreaterThan(10);
        expect((await stages.ledger.head(1)).seq + 1).toBe(keys.length);
      } finally {
        await stages.stop();
      }
    },
    TIMEOUT_MS,
  );
});

/** The ledger with another `append`. */
function withAppend(ledger: Ledger, append: Ledger['append']): Ledger {
  return {
    chains: () => ledger.chains(),
    head: (chain) => ledger.head(chain),
    read: (chain, from, to) => ledger.read(chain, from, to),
    get: (chain, seqs) => ledger.get(chain, seqs),
    envelopes: (chain, from, to) => ledger.envelopes(chain, from, to),
    follow: (chain, from, signal) => ledger.follow(chain, from, signal),
    append,
  };
}

function patient(id: string, family = 'Chalmers'): string {
  return JSON.stringify({ resourceType: 'Patient', id, name: [{ family }] });
}
