import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emptyHead, type Ledger } from '@chartledger/ledger';
import { InMemoryLedger } from '@chartledger/testing';
import { acceptEvent, type Turn } from './accept-event.js';
import { chainOf, submissions } from './chain.fixture.js';
import { readChangeEvent, type Change } from './change-event.js';
import { ModelPartition } from './partition.model.fixture.js';
import { publishEvents } from './publish-events.js';
import { resumeChain } from './resume-chain.js';

const CHAIN = 3;
const ORIGIN = 'test.local';
/** Thousands of interleavings in seconds. */
const RUNS = 3_000;

const choices = fc.infiniteStream(fc.nat(0xffff));
const chooser = (stream: Iterator<number>) => (max: number) => (stream.next().value as number) % (max + 1);

/** As `ChainPublisher` does it, to the end that the ledger has, and begins again after each failure. */
async function publish(ledger: Ledger, topic: ModelPartition, faults: boolean): Promise<void> {
  for (;;) {
    try {
      const { log, reader, start } = await resumeChain(ledger, CHAIN, topic.connect(faults), ORIGIN);
      for await (const entries of ledger.read(CHAIN, start)) {
        let time = 0;
        const options = { headers: Buffer.of(0), maxEvents: 2, deadlineMs: 50, now: () => time++ };
        await publishEvents(log, reader.take(entries), options);
      }
      return;
    } catch (error) {
      if (!faults) throw error;
    }
  }
}

type Rule = (last: number | undefined, change: Pick<Change, 'seq' | 'previous'>) => Turn;

/** What a consumer takes from the topic as it is, by the rule. */
function taken(topic: ModelPartition, after: number, rule: Rule = acceptEvent): number[] {
  const seqs: number[] = [];
  let last = after;
  for (const value of topic.records) {
    const { data } = readChangeEvent(value)!;
    if (rule(last, data) !== 'next') continue;
    seqs.push(data.seq);
    last = data.seq;
  }
  return seqs;
}

/** Two publishers at once, killed at any step, over a way that loses, repeats and delays, to a topic that is remade. */
async function world(
  sent: Parameters<typeof chainOf>[1],
  stream: Iterator<number>,
): Promise<{ topic: ModelPartition; told: number[] }> {
  const { entries, told } = chainOf(CHAIN, sent);
  const ledger = new InMemoryLedger();
  await ledger.append(emptyHead(CHAIN), entries);
  const topic = new ModelPartition(chooser(stream));
  await Promise.all([publish(ledger, topic, true), publish(ledger, topic, true)]);
  topic.settle();
  await publish(ledger, topic, false);
  return { topic, told };
}

describe('the topic of changes', () => {
  it('has each version once and in order for its readers, whatever happens to its publishers', async () => {
    await fc.assert(
      fc.asyncProperty(submissions, choices, fc.nat(80), async (sent, stream, position) => {
        const { topic, told } = await world(sent, stream);
        expect(taken(topic, -1)).toEqual(told);
        expect(taken(topic, position)).toEqual(told.filter((seq) => seq > position));
      }),
      { numRuns: RUNS },
    );
  });

  it('needs `previous`: a reader that only asks for a higher position loses versions', async () => {
    const higher: Rule = (last, { seq }) => (seq > last! ? 'next' : 'repeated');
    const found = await fc.check(
      fc.asyncProperty(submissions, choices, async (sent, stream) => {
        const { topic, told } = await world(sent, stream);
        return JSON.stringify(taken(topic, -1, higher)) === JSON.stringify(told);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    expect(found.failed).toBe(true);
  });

  it('needs the read-back: a publisher that believes what it is told loses versions', async () => {
    const found = await fc.check(
      fc.asyncProperty(submissions, choices, async (sent, stream) => {
        const { entries, told } = chainOf(CHAIN, sent);
        const ledger = new InMemoryLedger();
        await ledger.append(emptyHead(CHAIN), entries);
        const topic = new ModelPartition(chooser(stream));
        const { log, reader, start } = await resumeChain(ledger, CHAIN, topic.connect(false), ORIGIN);
        const partition = topic.connect(true);
        for await (const batch of ledger.read(CHAIN, start)) {
          for (const event of reader.take(batch)) {
            const value = [Buffer.from(JSON.stringify(event))];
            await partition.send([{ key: event.subject, value }]).catch(() => undefined);
          }
        }
        topic.settle();
        expect(log.last).toBe(-1);
        return JSON.stringify(taken(topic, -1)) === JSON.stringify(told);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    expect(found.failed).toBe(true);
  });

  it('is not written on where its last event is of another ledger', async () => {
    const topic = new ModelPartition(() => 0);
    const other = new InMemoryLedger();
    const { entries } = chainOf(CHAIN, [{ kinds: ['fhir.create'], kept: 1 }]);
    await other.append(emptyHead(CHAIN), entries);
    await publish(other, topic, false);
    const ledger = new InMemoryLedger();
    await expect(resumeChain(ledger, CHAIN, topic.connect(false), ORIGIN)).rejects.toMatchObject({ code: 'integrity' });
  });
});
