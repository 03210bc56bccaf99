import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyTable, tableOf } from './people.fixture.js';
import { matchPeople, type Matched } from './match-people.js';
import { type MatchState, type MatchTask, TaskRunner, type TaskResults } from './match-tasks.js';
import { type TaskPool } from './match-threads.js';

/** Work that is done as threads may do it: `order` says which of several runners does what next, and how keys are cut. */
class AnyPool implements TaskPool {
  private readonly runners: TaskRunner[];
  private drawn = 0;

  constructor(
    state: MatchState,
    runners: number,
    private readonly order: readonly number[],
  ) {
    this.runners = Array.from({ length: runners }, () => new TaskRunner(state));
  }

  async run<T extends MatchTask>(tasks: readonly T[]): Promise<TaskResults[T['kind']][]> {
    const results = new Array<TaskResults[T['kind']]>(tasks.length);
    const left = tasks.map((task, at) => ({ task, at }));
    while (left.length > 0) {
      const [{ task, at }] = left.splice(this.draw(left.length), 1);
      for (const piece of this.piecesOf(task)) {
        const runner = this.runners[this.draw(this.runners.length)];
        results[at] = structuredClone(runner.run(piece)) as TaskResults[T['kind']];
      }
    }
    return results;
  }

  async stop(): Promise<void> {
    return Promise.resolve();
  }

  private piecesOf(task: MatchTask): MatchTask[] {
    if (task.kind !== 'keys' || task.to - task.from < 2) return [task];
    const middle = task.from + 1 + this.draw(task.to - task.from - 1);
    return [
      { ...task, from: middle },
      { ...task, to: middle },
    ];
  }

  private draw(below: number): number {
    return this.order[this.drawn++ % this.order.length] % below;
  }
}

function bytesOf({ model, cut, pairs, cluster, candidates, unsplit }: Matched): unknown {
  const [a, b, score] = [pairs.a, pairs.b, pairs.score].map((ints) => Buffer.from(ints.buffer).toString('hex'));
  return { model: JSON.stringify(model), cut, a, b, score, cluster: [...cluster], candidates, unsplit };
}

describe('a batch', () => {
  it('is the same bit for bit however its tasks are cut, ordered and given to threads', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTable,
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }),
        async (people, isLink, runners, order) => {
          const sizeA = isLink ? Math.ceil(people.length / 2) : undefined;
          const run = async (startPool?: (state: MatchState) => Promise<TaskPool>): Promise<unknown> => {
            const { table, ids } = tableOf(people);
            return bytesOf(await matchPeople(table, ids, sizeA, { threads: 0, startPool }));
          };
          const inline = await run();
          expect(await run((state) => Promise.resolve(new AnyPool(state, runners, order)))).toEqual(inline);
        },
      ),
      { numRuns: 60 },
    );
  });
});
