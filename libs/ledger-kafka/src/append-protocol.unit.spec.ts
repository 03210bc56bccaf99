import { describe, expect, it } from '@jest/globals';
import { emptyHead, extendsHead, readEnvelope, SubmissionReader } from '@chartledger/ledger';
import { CHAIN, simulate, type SimulationOptions, type SimulationResult } from './append-protocol.model.fixture.js';
import { ChainFold, type AcceptedEntry } from './chain-fold.js';

const RUNS = 2_000;
/** Enough that a protocol without its read-back, or without its fence, is never let through. */
const MUTANT_RUNS = 50;

/** Another at each run of the suite; a failure names it. */
const FIRST_SEED = Math.floor(Math.random() * 2 ** 31);

describe('append over a log without conditional writes, simulated', () => {
  it(`keeps its promises whatever happens to requests, answers and writers (seeds from ${FIRST_SEED})`, async () => {
    const seen = { appended: 0, unknown: 0, crashed: 0, racesLost: 0, rejects: 0, voids: 0 };
    for (let run = 0; run < RUNS; run += 1) {
      const options = { seed: FIRST_SEED + run, writers: 1 + (run % 3) };
      const result = await simulate(options);
      const { violation, rejects, voids } = judge(result);
      if (violation) throw new Error(`seed ${options.seed}, ${options.writers} writers: ${violation}`);
      for (const { outcome } of result.attempts) seen[outcome] += 1;
      seen.racesLost += result.racesLost;
      seen.rejects += rejects;
      seen.voids += voids;
    }
    // A simulation in which one of these never happens shows nothing.
    for (const [what, times] of Object.entries(seen)) expect([what, times > RUNS / 100]).toEqual([what, true]);
  });

  it.each([
    ['the read-back', { readBack: false }],
    ['the fence', { fence: () => true }],
  ] as [string, Partial<SimulationOptions>][])('fails without %s', async (_part, mutation) => {
    const violations = [];
    for (let run = 0; run < MUTANT_RUNS; run += 1) {
      const result = await simulate({ seed: FIRST_SEED + run, writers: 2, ...mutation });
      const { violation } = judge(result, mutation.fence);
      if (violation) violations.push(violation);
    }
    expect(violations.length).toBeGreaterThan(0);
  });

  it('is the same run for the same seed', async () => {
    const [one, two] = [await simulate({ seed: 7, writers: 3 }), await simulate({ seed: 7, writers: 3 })];
    expect(two.records.map(({ value }) => value!.toString())).toEqual(
      one.records.map(({ value }) => value!.toString()),
    );
    expect(two.attempts.map(({ outcome }) => outcome)).toEqual(one.attempts.map(({ outcome }) => outcome));
  });
});

interface Verdict {
  violation?: string;
  rejects: number;
  voids: number;
}

/** Holds what the writers were told against what a reader finds that comes afterwards. */
function judge(result: SimulationResult, fence = extendsHead): Verdict {
  const fold = new ChainFold(emptyHead(CHAIN), 0, fence);
  const chain = fold.take(result.records);
  const groups = submissionsOf(chain);
  const complete = groups.filter(({ status }) => status === 'complete').map(({ submission }) => submission);
  const voids = groups.length - complete.length;
  return { violation: fault(result, chain, fold, complete), rejects: fold.rejects, voids };
}

function fault(
  { attempts, heads }: SimulationResult,
  chain: readonly AcceptedEntry[],
  fold: ChainFold,
  complete: readonly string[],
): string | undefined {
  let head = emptyHead(CHAIN);
  for (const { envelope, ...entry } of chain) {
    if (!extendsHead(head, readEnvelope(envelope))) return `seq ${entry.seq} does not extend what stands before it`;
    head = entry;
  }
  for (const { seq, leaf } of heads) {
    if (seq !== fold.head.seq || !leaf.equals(fold.head.leaf)) return 'a writer has folded another chain';
  }
  if (new Set(complete).size < complete.length) return 'a submission is in the chain twice';
  const last = new Map<number, number>();
  for (const { writer, outcome, entries, submission } of attempts) {
    if (outcome !== 'appended') continue;
    if (!complete.includes(submission)) return `acknowledged submission ${submission} is not in the chain`;
    for (const { seq, leaf } of entries) {
      if (!chain[seq]?.leaf.equals(leaf)) return `acknowledged seq ${seq} is another entry`;
      if (seq <= (last.get(writer) ?? -1)) return `seq ${seq} stands before what was acknowledged earlier`;
      last.set(writer, seq);
    }
  }
  return undefined;
}

function submissionsOf(chain: readonly AcceptedEntry[]): { status: string; submission: string }[] {
  const reader = new SubmissionReader<AcceptedEntry>();
  return chain.flatMap((entry) => reader.push(readEnvelope(entry.envelope), entry));
}
