import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import {
  failoverTable,
  type FailoverParameters,
  PARAMETERS,
  simulateFailover,
} from '../../tools/failover-simulation/index.mjs';
import { calculate, type Line, linesOf } from './arithmetic.fixture.js';

const PAGE = readFileSync(new URL('../../docs/scale.md', import.meta.url), 'utf8');
/** A result is rounded for its reader. */
const TOLERANCE = 0.005;

describe('the arithmetic of docs/scale.md', () => {
  const lines = linesOf(PAGE);

  it('gives in every line what the line says', () => {
    const values = new Map<string, number>();
    const wrong = lines.filter(({ name, expression, result }) => {
      const value = calculate(expression, values);
      values.set(name, value);
      return !(Math.abs(value - result) <= TOLERANCE * result);
    });
    expect(wrong).toEqual([]);
    expect(lines.length).toBeGreaterThan(50);
  });

  it('is read as it is written', () => {
    const [line]: Line[] = linesOf('```arithmetic\na-b = 2 + 3 × ( 10 − 4 ) / 2 = 0.011 KB\n```\n');
    expect(line).toEqual({ name: 'a-b', expression: '2 + 3 × ( 10 − 4 ) / 2', result: 11 });
    expect(calculate(line.expression, new Map())).toBe(11);
    expect(() => calculate('2 × unknown', new Map())).toThrow('unknown');
    expect(() => linesOf('```arithmetic\na = 1\n```\n')).toThrow('a = 1');
  });
});

/** The table as cells: how wide its columns are is a matter of formatting. */
function cellsOf(markdown: string): string[][] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
  return rows.filter((_, at) => at !== 1).map((row) => row.split('|').map((cell) => cell.trim()));
}

describe('the simulation of a fail-over', () => {
  const parameters: fc.Arbitrary<FailoverParameters> = fc
    .record({
      chains: fc.integer({ min: 1, max: 80 }),
      sequencers: fc.integer({ min: 2, max: 9 }),
      brokers: fc.integer({ min: 2, max: 7 }),
      policy: fc.constantFrom('all' as const, 'one' as const, 'share' as const),
      sequencer: fc.boolean(),
      broker: fc.boolean(),
      lagEntries: fc.constantFrom(0, 200, 20_000),
      lockFallMs: fc.integer({ min: 0, max: 5_000 }),
    })
    .map(({ sequencer, broker, ...others }) => ({ ...PARAMETERS, ...others, lost: { sequencer, broker } }));
  const seeds = fc.integer({ min: 1, max: 2 ** 31 });

  it('made the table of docs/scale.md (npm run generate:failover)', () => {
    const [, table] = /<!-- generate:failover -->\n([\s\S]*?)<!-- end -->/.exec(PAGE)!;
    expect(cellsOf(table)).toEqual(cellsOf(failoverTable()));
  });

  it('ends with every chain at one living sequencer, and is the same for the same seed', () => {
    fc.assert(
      fc.property(parameters, seeds, (given, seed) => {
        const result = simulateFailover(given, seed);
        expect(result.owned.reduce((sum, owned) => sum + owned)).toBe(given.chains);
        if (given.lost.sequencer) expect(result.owned[0]).toBe(0);
        expect(simulateFailover(given, seed)).toEqual(result);
      }),
    );
  });

  it('has chains stand still that the loss concerns, and no others, for as long as the loss goes unnoticed at least', () => {
    fc.assert(
      fc.property(parameters, seeds, (given, seed) => {
        const { chains, sequencers, brokers, lost, lockFallMs, sessionMs, heartbeatMs } = given;
        const { writableMs } = simulateFailover(given, seed);
        for (let chain = 0; chain < chains; chain += 1) {
          const bySequencer = lost.sequencer && chain % sequencers === 0;
          const byBroker = lost.broker && Math.floor(chain / sequencers) % brokers === 0;
          if (!bySequencer && !byBroker) expect(writableMs[chain]).toBe(0);
          if (bySequencer) expect(writableMs[chain]).toBeGreaterThan(lockFallMs);
          if (byBroker) expect(writableMs[chain]).toBeGreaterThan(sessionMs - heartbeatMs);
        }
      }),
    );
  });

  it('takes for one chain what the parts take one after the other', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const given: FailoverParameters = {
          ...PARAMETERS,
          ...{ chains: 1, sequencers: 2, lagEntries: 0, lost: { sequencer: true, broker: false } },
        };
        const { pollMs, lockFallMs, lockMs, openMs, gatewayRetryMs } = given;
        const [ms] = simulateFailover(given, seed).writableMs;
        expect(ms).toBeGreaterThanOrEqual(lockFallMs + (lockMs + openMs) / 2);
        expect(ms).toBeLessThanOrEqual(lockFallMs + pollMs + 1.5 * (lockMs + openMs) + gatewayRetryMs);
      }),
    );
  });

  it('spreads the chains of the dead evenly where each takes its share, and takes a poll for each where it takes one', () => {
    fc.assert(
      fc.property(parameters, seeds, (given, seed) => {
        const lost = { sequencer: true, broker: false };
        const living = given.sequencers - 1;
        const share = simulateFailover({ ...given, lost, policy: 'share' }, seed);
        expect(Math.max(...share.owned)).toBeLessThanOrEqual(Math.ceil(given.chains / living));
        const one = simulateFailover({ ...given, lost, policy: 'one', lockFallMs: 0 }, seed);
        const orphans = Math.ceil(given.chains / given.sequencers);
        expect(Math.max(...one.writableMs)).toBeGreaterThanOrEqual((Math.ceil(orphans / living) - 1) * given.pollMs);
      }),
    );
  });
});
