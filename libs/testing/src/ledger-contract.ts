import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  decodeEnvelope,
  emptyHead,
  extendsHead,
  type Head,
  headAfter,
  leafHash,
  type Ledger,
  link,
  type LinkedEntry,
  type StoredEntry,
} from '@chartledger/ledger';
import fc from 'fast-check';
import { sampleDrafts } from './sample-chain.js';

/** A driver over a store of its own, empty. */
export interface LedgerUnderTest {
  ledger: Ledger;
  /** Another handle of the same store, as another process would have. */
  another?: Ledger;
  close(): Promise<void>;
}

const CHAIN = 1;
const NOW = Date.parse('2024-03-01T08:00:00.000Z');
const LARGE_PAYLOAD_BYTES = 8 * 1024 * 1024;
/** Few runs: each is a round trip to a real store. */
const RUNS = 15;

/** What every Ledger driver MUST do, see the port. `open` is called before each test. */
export function ledgerContract(name: string, open: () => Promise<LedgerUnderTest>): void {
  describe(`${name} keeps the ledger contract`, () => {
    let ledger: Ledger;
    let other: Ledger;
    let close: () => Promise<void>;

    beforeEach(async () => {
      const opened = await open();
      ledger = opened.ledger;
      other = opened.another ?? opened.ledger;
      close = () => opened.close();
    });
    afterEach(() => close());

    describe('an empty chain', () => {
      it('has the empty head, no entries, and is not listed', async () => {
        expect(await ledger.head(CHAIN)).toEqual(emptyHead(CHAIN));
        expect(await ledger.chains()).toEqual([]);
        expect(await readAll(ledger, CHAIN)).toEqual([]);
        expect(await ledger.get(CHAIN, [0])).toEqual([undefined]);
      });
    });

    describe('append', () => {
      it('gives back byte for byte what was appended', async () => {
        const entries = await appendSome(ledger, CHAIN, 5);
        expect((await readAll(ledger, CHAIN)).map(shown)).toEqual(entries.map(shown));
        expect((await readAll(other, CHAIN)).map(shown)).toEqual(entries.map(shown));
      });

      it('moves the head to the last entry, for every handle', async () => {
        const entries = await appendSome(ledger, CHAIN, 3);
        const head = headAfter(emptyHead(CHAIN), entries);
        expect(await ledger.head(CHAIN)).toEqual(head);
        expect(await other.head(CHAIN)).toEqual(head);
      });

      it('keeps any bytes of a payload, an empty one too', async () => {
        const payload = fc.uint8Array({ maxLength: 300 });
        await fc.assert(
          fc.asyncProperty(fc.array(payload, { minLength: 1, maxLength: 5 }), async (payloads) => {
            const head = await ledger.head(CHAIN);
            const drafts = sampleDrafts(payloads.length).map((draft, at) => ({
              ...draft,
              payload: Buffer.from(payloads[at]),
            }));
            const entries = link(head, drafts, NOW);
            expect(await ledger.append(head, entries)).toBe(true);
            const seqs = entries.map(({ seq }) => seq);
            const read = await other.get(CHAIN, seqs);
            expect(read.map((entry) => entry && shown(entry))).toEqual(entries.map(shown));
          }),
          { numRuns: RUNS },
        );
      });

      it('takes a payload of 8 MiB', async () => {
        const [entry] = await appendSome(ledger, CHAIN, 1, { payloadBytes: LARGE_PAYLOAD_BYTES });
        const [read] = await readAll(ledger, CHAIN);
        expect(read.payload.equals(entry.payload)).toBe(true);
      });

      it('takes 10,000 entries at once', async () => {
        const entries = await appendSome(ledger, CHAIN, 10_000);
        const read = await readAll(ledger, CHAIN);
        expect(read.length).toBe(entries.length);
        expect(read.every((entry, at) => entry.envelope.equals(entries[at].envelope))).toBe(true);
      });

      it('writes nothing when the race is lost', async () => {
        const head = await ledger.head(CHAIN);
        const winner = link(head, sampleDrafts(2), NOW);
        const loser = link(head, sampleDrafts(3, { first: 10 }), NOW);
        expect(await ledger.append(head, winner)).toBe(true);
        expect(await other.append(head, loser)).toBe(false);
        expect((await readAll(ledger, CHAIN)).map(shown)).toEqual(winner.map(shown));
        expect(await ledger.head(CHAIN)).toEqual(headAfter(head, winner));
      });

      it('refuses a head of the right seq and another leaf hash', async () => {
        const entries = await appendSome(ledger, CHAIN, 2);
        const head: Head = { ...(await ledger.head(CHAIN)), leaf: leafHash(Buffer.from('another history')) };
        expect(await ledger.append(head, link(head, sampleDrafts(1), NOW))).toBe(false);
        expect((await readAll(ledger, CHAIN)).map(shown)).toEqual(entries.map(shown));
      });

      it('shows a batch whole or not at all', async () => {
        const seen = new Set<number>();
        const done = new AbortController();
        const watching = (async (): Promise<void> => {
          while (!done.signal.aborted) {
            seen.add((await other.head(CHAIN)).seq);
            await new Promise((resolve) => setImmediate(resolve));
          }
        })();
        for (let batch = 0; batch < 5; batch += 1) await appendSome(ledger, CHAIN, 200);
        done.abort();
        await watching;
        expect([...seen].filter((seq) => (seq + 1) % 200 !== 0)).toEqual([]);
      });
    });

    describe('concurrent writers', () => {
      it('never fork the chain and lose nothing', async () => {
        const rounds = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 6 });
        let chain = 0;
        await fc.assert(
          fc.asyncProperty(rounds, rounds, async (left, right) => {
            chain += 1;
            const written = await Promise.all([write(ledger, chain, left, 0), write(other, chain, right, 1000)]);
            const read = await readAll(ledger, chain);
            requireLinked(chain, read);
            expect(records(read).sort()).toEqual(records(written.flat()).sort());
          }),
          { numRuns: RUNS },
        );
      });
    });

    describe('read', () => {
      it('gives any range in order, in batches that are not empty, and ends at the head', async () => {
        const entries = await appendSome(ledger, CHAIN, 700);
        const place = fc.integer({ min: 0, max: 800 });
        await fc.assert(
          fc.asyncProperty(place, fc.option(place, { nil: undefined }), async (from, to) => {
            const expected = entries.slice(from, to === undefined ? undefined : Math.max(from, to)).map(shown);
            const batches = await batchesOf(ledger.read(CHAIN, from, to));
            expect(batches.every((batch) => batch.length > 0)).toBe(true);
            expect(batches.flat().map(shown)).toEqual(expected);
          }),
          { numRuns: RUNS },
        );
      });

      it('can be left early', async () => {
        await appendSome(ledger, CHAIN, 700);
        for await (const batch of ledger.read(CHAIN, 0)) {
          expect(batch[0].seq).toBe(0);
          break;
        }
        expect((await ledger.head(CHAIN)).seq).toBe(699);
      });
    });

    describe('get', () => {
      it('answers in the order asked, undefined where there is none', async () => {
        const entries = await appendSome(ledger, CHAIN, 20);
        const seqs = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 12 });
        await fc.assert(
          fc.asyncProperty(seqs, async (asked) => {
            const expected = asked.map((seq) => entries[seq] && shown(entries[seq]));
            const read = await ledger.get(CHAIN, asked);
            expect(read.map((entry) => entry && shown(entry))).toEqual(expected);
          }),
          { numRuns: RUNS },
        );
      });
    });

    describe('envelopes', () => {
      it('gives those that exist in a range, in order', async () => {
        const entries = await appendSome(ledger, CHAIN, 300);
        await appendSome(ledger, 2, 3);
        const place = fc.integer({ min: 0, max: 320 });
        await fc.assert(
          fc.asyncProperty(place, place, async (from, to) => {
            const expected = entries.slice(from, Math.max(from, to)).map(({ envelope }) => envelope.toString());
            const read = await other.envelopes(CHAIN, from, to);
            expect(read.map((envelope) => envelope.toString())).toEqual(expected);
          }),
          { numRuns: RUNS },
        );
      });

      it('has none of an empty chain', async () => {
        expect(await ledger.envelopes(CHAIN, 0, 10)).toEqual([]);
      });
    });

    describe('chains', () => {
      it('are apart from each other, and listed in order', async () => {
        const second = await appendSome(ledger, 2, 3);
        const system = await appendSome(other, 0, 4);
        expect(await ledger.chains()).toEqual([0, 2]);
        expect((await readAll(ledger, 2)).map(shown)).toEqual(second.map(shown));
        expect((await readAll(ledger, 0)).map(shown)).toEqual(system.map(shown));
        expect(await ledger.head(1)).toEqual(emptyHead(1));
      });
    });

    describe('follow', () => {
      it('gives what is there and then what any handle appends, without gap or repeat', async () => {
        await appendSome(ledger, CHAIN, 300);
        const stop = new AbortController();
        const following = takeUntil(ledger.follow(CHAIN, 10, stop.signal), 420 - 10, stop);
        for (let batch = 0; batch < 12; batch += 1) await appendSome(batch % 2 ? ledger : other, CHAIN, 10);
        const seqs = (await following).map(({ seq }) => seq);
        expect(seqs).toEqual(Array.from({ length: 410 }, (_, at) => at + 10));
      });

      it('waits at an empty chain for its first entry', async () => {
        const stop = new AbortController();
        const following = takeUntil(ledger.follow(CHAIN, 0, stop.signal), 2, stop);
        await new Promise((resolve) => setTimeout(resolve, 20));
        const entries = await appendSome(other, CHAIN, 2);
        expect((await following).map(shown)).toEqual(entries.map(shown));
      });

      it('tells nothing of other chains', async () => {
        const stop = new AbortController();
        const following = takeUntil(ledger.follow(CHAIN, 0, stop.signal), 1, stop);
        await appendSome(other, 2, 5);
        await appendSome(other, CHAIN, 1);
        expect((await following).map(({ chain, seq }) => [chain, seq])).toEqual([[CHAIN, 0]]);
      });

      it('ends when it is told to, while it waits', async () => {
        const stop = new AbortController();
        const following = batchesOf(ledger.follow(CHAIN, 0, stop.signal));
        setTimeout(() => stop.abort(), 20);
        expect(await following).toEqual([]);
      });

      it('ends at once when it was told to before', async () => {
        await appendSome(ledger, CHAIN, 1);
        expect(await batchesOf(ledger.follow(CHAIN, 0, AbortSignal.abort()))).toEqual([]);
      });
    });
  });
}

async function appendSome(
  ledger: Ledger,
  chain: number,
  count: number,
  options: { payloadBytes?: number } = {},
): Promise<LinkedEntry[]> {
  const head = await ledger.head(chain);
  const entries = link(head, sampleDrafts(count, { first: head.seq + 1, ...options }), NOW);
  expect(await ledger.append(head, entries)).toBe(true);
  return entries;
}

/** Appends batches of the sizes given; takes the new head and links again where a race was lost. */
async function write(ledger: Ledger, chain: number, sizes: readonly number[], first: number): Promise<LinkedEntry[]> {
  const written: LinkedEntry[] = [];
  for (const size of sizes) {
    const drafts = sampleDrafts(size, { first: first + written.length });
    for (;;) {
      const head = await ledger.head(chain);
      const entries = link(head, drafts, NOW);
      if (!(await ledger.append(head, entries))) continue;
      written.push(...entries);
      break;
    }
  }
  return written;
}

function requireLinked(chain: number, entries: readonly StoredEntry[]): void {
  let head = emptyHead(chain);
  for (const { seq, envelope } of entries) {
    const fields = decodeEnvelope(envelope);
    expect([seq, extendsHead(head, fields)]).toEqual([head.seq + 1, true]);
    head = { chain, seq, leaf: leafHash(envelope), time: Date.parse(fields.time) };
  }
}

function records(entries: readonly StoredEntry[]): string[] {
  return entries.map(({ envelope }) => decodeEnvelope(envelope).record);
}

/** An entry as text: it compares far faster than buffers, and a failure can be read. */
function shown({ chain, seq, envelope, payload }: StoredEntry): string {
  return `${chain}:${seq} ${envelope.toString()} ${payload.toString('base64')}`;
}

async function readAll(ledger: Ledger, chain: number): Promise<StoredEntry[]> {
  return (await batchesOf(ledger.read(chain, 0))).flat();
}

async function batchesOf(batches: AsyncIterable<StoredEntry[]>): Promise<StoredEntry[][]> {
  const gathered: StoredEntry[][] = [];
  for await (const batch of batches) gathered.push(batch);
  return gathered;
}

/** Takes at least `count` entries, then aborts and waits for the end. */
async function takeUntil(
  batches: AsyncIterable<StoredEntry[]>,
  count: number,
  stop: AbortController,
): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = [];
  for await (const batch of batches) {
    entries.push(...batch);
    if (entries.length >= count) stop.abort();
  }
  return entries;
}
