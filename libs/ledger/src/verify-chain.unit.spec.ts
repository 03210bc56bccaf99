import { describe, expect, it } from '@jest/globals';
import { sampleChain, sampleDrafts, sampleSigner } from '@chartledger/testing';
import fc from 'fast-check';
import { type ChainSource, type SourceEntry } from './chain-source.js';
import { signCheckpoint } from './checkpoint.js';
import { encodeEnvelope, type Envelope } from './envelope.js';
import { leafHash, ZERO_HASH } from './hash.js';
import { type LinkedEntry } from './ledger.port.js';
import { EMPTY_ROOT, rootOf } from './merkle.js';
import { noteVerifier } from './note-key.js';
import { readEnvelope } from './read-envelope.js';
import { type SignedCheckpoint } from './signed-checkpoint.js';
import { type ChainVerdict, verifyChain, type VerifyOptions } from './verify-chain.js';

const CHAIN = 1;
const SIZE = 40;
const CHECKPOINTS = [0, 10, 20, 30, 40];
const signer = sampleSigner('chartledger.test/chains/1');
const trust = { origin: signer.name, verifiers: [noteVerifier(signer.name, signer.publicKey)] };
const genuine = sampleChain(CHAIN, SIZE);

/** A log that can be tampered with. */
interface Log {
  entries: SourceEntry[];
  leaves: Buffer[] | undefined;
  checkpoints: SignedCheckpoint[];
}

function checkpointOf(entries: readonly { leaf: Buffer }[], size: number): SignedCheckpoint {
  const root = rootOf(Buffer.concat(entries.slice(0, size).map(({ leaf }) => leaf)));
  return {
    size,
    time: '2024-03-01T09:00:00.000Z',
    note: signCheckpoint({ origin: signer.name, size, root }, [signer]),
  };
}

function soundLog({ tiles = true, sizes = CHECKPOINTS }: { tiles?: boolean; sizes?: number[] } = {}): Log {
  return {
    entries: genuine.map(({ seq, envelope, payload }) => ({ seq, envelope, payload })),
    leaves: tiles ? genuine.map(({ leaf }) => leaf) : undefined,
    checkpoints: sizes.map((size) => checkpointOf(genuine, size)),
  };
}

/** Hands out the entries by the places that the log gives them, in small batches. */
function sourceOf({ entries, leaves, checkpoints }: Log): ChainSource {
  return {
    chain: CHAIN,
    checkpoints: async () => checkpoints,
    async *entries(from, to = Infinity): AsyncGenerator<SourceEntry[]> {
      const asked = entries.filter(({ seq }) => seq >= from && seq < to);
      for (let at = 0; at < asked.length; at += 7) yield asked.slice(at, at + 7);
    },
    ...(leaves && { tile: async (): Promise<Buffer> => Buffer.concat(leaves) }),
  };
}

const verify = (log: Log, options?: VerifyOptions): Promise<ChainVerdict> => verifyChain(sourceOf(log), trust, options);

/** Entries in their order get the places 0, 1, 2, … as a store that numbers by itself gives them. */
function renumber(log: Log): void {
  log.entries = log.entries.map((entry, seq) => ({ ...entry, seq }));
}

function alter(log: Log, at: number, change: (fields: Envelope) => Partial<Envelope>): void {
  const fields = readEnvelope(log.entries[at].envelope);
  const envelope = Buffer.from(encodeEnvelope({ ...fields, ...change(fields) }));
  log.entries[at] = { ...log.entries[at], envelope };
}

/** Links every entry from `from` on to the one before it, as a forger with access to all of them would. */
function relink(log: Log, from: number, to = log.entries.length): void {
  for (let at = from; at < to; at += 1) {
    const prev = at === 0 ? ZERO_HASH : leafHash(log.entries[at - 1].envelope);
    alter(log, at, () => ({ prev: prev.toString('hex'), seq: at }));
  }
}

const found = (seq: number, reason: string): unknown =>
  expect.objectContaining({ ok: false, seq, position: `${CHAIN}:${seq}`, reason, detail: expect.any(String) });

/** The size of the last checkpoint that does not cover the entry at `seq`. */
const lastBelow = (sizes: readonly number[], seq: number): number =>
  Math.max(0, ...sizes.filter((size) => size <= seq));

const place = fc.integer({ min: 0, max: SIZE - 1 });
const anyLog = fc.record({ tiles: fc.boolean(), sizes: fc.constantFrom([], [40], CHECKPOINTS, [3, 17, 40]) });

describe('a sound chain', () => {
  it('is found sound, with or without tiles, checkpoints and payloads', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.boolean(), async (options, payloads) => {
        const log = soundLog(options);
        if (!payloads) log.entries = log.entries.map(({ seq, envelope }) => ({ seq, envelope }));
        expect(await verify(log)).toEqual({
          ok: true,
          chain: CHAIN,
          size: SIZE,
          root: rootOf(Buffer.concat(genuine.map(({ leaf }) => leaf))).toString('hex'),
          head: genuine[SIZE - 1].leaf.toString('hex'),
          checkpoints: options.sizes.length,
          signedSize: options.sizes.at(-1) ?? 0,
          payloads: payloads ? SIZE : 0,
          voidSubmissions: 0,
        });
      }),
    );
  });

  it('may be empty', async () => {
    const log = { entries: [], leaves: [], checkpoints: [checkpointOf([], 0)] };
    expect(await verify(log)).toMatchObject({
      ok: true,
      size: 0,
      root: EMPTY_ROOT.toString('hex'),
      head: '00'.repeat(32),
    });
  });

  it('may have submissions that a crash cut short', async () => {
    const entries = sampleChain(CHAIN, 9, { parts: 4 });
    const cut = [...entries.slice(0, 7), ...sampleChain(CHAIN, 1)];
    const log: Log = { entries: cut.map((entry, seq) => ({ ...entry, seq })), leaves: undefined, checkpoints: [] };
    relink(log, 0);
    alter(log, 7, ({ prev }) => ({
      prev,
      submission: '00000000-0000-4000-8000-00000000ffff',
      time: '2024-03-02T00:00:00.000Z',
    }));
    expect(await verify(log)).toMatchObject({ ok: true, size: 8, voidSubmissions: 1 });
  });
});

describe('an envelope that was altered', () => {
  it('is named when it is no envelope any more', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, place, async (options, at) => {
        const log = soundLog(options);
        const envelope = Buffer.from(log.entries[at].envelope);
        envelope[0] ^= 1;
        log.entries[at] = { ...log.entries[at], envelope };
        expect(await verify(log)).toEqual(found(at, 'envelope_invalid'));
      }),
    );
  });

  it('is named when it is still canonical', async () => {
    const inside = fc.integer({ min: 0, max: SIZE - 3 });
    const change = fc.constantFrom<Partial<Envelope>>(
      { actor: 'feed-2' },
      { version: 2 },
      { type: 'Patient' },
      { time: '2023-01-01T00:00:00.000Z' },
      { time: '2025-01-01T00:00:00.000Z' },
      { payload: { ...readEnvelope(genuine[0].envelope).payload, bytes: 1 } },
      { seq: 999 },
    );
    await fc.assert(
      fc.asyncProperty(anyLog, inside, change, async (options, at, fields) => {
        const log = soundLog(options);
        alter(log, at, () => fields);
        expect(await verify(log)).toEqual(found(at, 'envelope_altered'));
      }),
      { numRuns: 300 },
    );
  });

  it('is named whichever byte of it is another', async () => {
    const reasons = ['envelope_invalid', 'envelope_altered', 'prev_altered', 'chain_wrong'];
    await fc.assert(
      fc.asyncProperty(
        anyLog,
        fc.integer({ min: 0, max: SIZE - 3 }),
        fc.nat(),
        fc.nat(),
        async (options, at, where, byte) => {
          const log = soundLog(options);
          const envelope = Buffer.from(log.entries[at].envelope);
          envelope[where % envelope.length] ^= 1 + (byte % 127);
          log.entries[at] = { ...log.entries[at], envelope };
          const verdict = await verify(log);
          expect(verdict).toMatchObject({ ok: false, seq: at });
          expect(reasons).toContain(verdict.ok ? '' : verdict.reason);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is named when it is the last but one, or the last, and a checkpoint or a tile covers it', async () => {
    for (const at of [SIZE - 2, SIZE - 1]) {
      for (const sizes of [[40], [39, 40]]) {
        const log = soundLog({ tiles: true, sizes });
        alter(log, at, () => ({ actor: 'feed-2' }));
        expect(await verify(log)).toEqual(found(at, 'envelope_altered'));
      }
    }
    const byCheckpoint = soundLog({ tiles: false, sizes: [40] });
    alter(byCheckpoint, SIZE - 2, () => ({ actor: 'feed-2' }));
    expect(await verify(byCheckpoint)).toEqual(found(SIZE - 2, 'envelope_altered'));
    const byTwo = soundLog({ tiles: false, sizes: [39, 40] });
    alter(byTwo, SIZE - 1, () => ({ actor: 'feed-2' }));
    expect(await verify(byTwo)).toEqual(found(SIZE - 1, 'envelope_altered'));
  });

  it('is named as a range when it is the last, and only a checkpoint far back tells where the log was sound', async () => {
    const log = soundLog({ tiles: false });
    alter(log, SIZE - 1, () => ({ actor: 'feed-2' }));
    expect(await verify(log)).toEqual(found(30, 'fork'));
  });

  it('is named by its tile even when the next entry was linked to it again', async () => {
    const log = soundLog();
    alter(log, 12, () => ({ actor: 'feed-2' }));
    relink(log, 13, 14);
    expect(await verify(log)).toEqual(found(12, 'envelope_altered'));
  });

  it('cannot be told from its successor where nothing vouches for either', async () => {
    const log = soundLog({ tiles: false, sizes: [] });
    alter(log, SIZE - 2, () => ({ actor: 'feed-2' }));
    expect(await verify(log)).toEqual(found(SIZE - 2, 'link_broken'));
  });
});

describe('a prev that was altered', () => {
  it('is named', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.integer({ min: 0, max: SIZE - 2 }), async (options, at) => {
        const log = soundLog(options);
        alter(log, at, () => ({ prev: 'ab'.repeat(32) }));
        expect(await verify(log)).toEqual(found(at, 'prev_altered'));
      }),
    );
  });

  it('is named in the last entry when a tile or a checkpoint tells', async () => {
    for (const options of [
      { tiles: true, sizes: [40] },
      { tiles: false, sizes: [40] },
      { tiles: false, sizes: [39] },
    ]) {
      const log = soundLog(options);
      alter(log, SIZE - 1, () => ({ prev: 'ab'.repeat(32) }));
      expect(await verify(log)).toEqual(found(SIZE - 1, 'prev_altered'));
    }
  });
});

describe('a payload', () => {
  it('is named when a byte of it was altered, or it was cut', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, place, fc.boolean(), async (options, at, cut) => {
        const log = soundLog(options);
        const payload = Buffer.from(log.entries[at].payload!);
        payload[5] ^= 1;
        log.entries[at] = { ...log.entries[at], payload: cut ? payload.subarray(0, -1) : payload };
        expect(await verify(log)).toEqual(found(at, 'payload_altered'));
      }),
    );
  });

  it('is named when it is not there and was asked for', async () => {
    const log = soundLog();
    log.entries[8] = { ...log.entries[8], payload: undefined };
    expect(await verify(log, { requirePayloads: true })).toEqual(found(8, 'payload_missing'));
    expect(await verify(log)).toMatchObject({ ok: true, payloads: SIZE - 1 });
  });
});

describe('an entry', () => {
  const inside = fc.integer({ min: 0, max: SIZE - 3 });

  it('that was removed is named, whether or not the store closed the gap', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyLog,
        inside,
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        async (options, at, count, close) => {
          const log = soundLog(options);
          log.entries.splice(at, Math.min(count, SIZE - 1 - at));
          if (close) renumber(log);
          expect(await verify(log)).toEqual(found(at, 'entry_removed'));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('that changed places with another is named', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, place, place, async (options, one, two) => {
        fc.pre(one !== two);
        const log = soundLog(options);
        [log.entries[one], log.entries[two]] = [log.entries[two], log.entries[one]];
        renumber(log);
        expect(await verify(log)).toEqual(found(Math.min(one, two), 'entries_swapped'));
      }),
      { numRuns: 300 },
    );
  });

  it('that was put in is named: a forged one that links to the one before it', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, inside, fc.integer({ min: 1, max: 3 }), async (options, at, count) => {
        const log = soundLog(options);
        const forged = sampleDrafts(count, { first: 500 }).map(({ payload, ...draft }) => {
          const fields = { ...readEnvelope(genuine[at].envelope), ...draft.context, payload: draft.digest };
          return { seq: 0, envelope: Buffer.from(encodeEnvelope(fields)), payload };
        });
        log.entries.splice(at, 0, ...forged);
        relink(log, at, at + count);
        renumber(log);
        const coveredFork = options.sizes.some((size) => size > at && size < at + count);
        const verdict = await verify(log);
        if (!coveredFork) expect(verdict).toEqual(found(at, 'entry_inserted'));
        else expect(verdict).toEqual(found(options.tiles ? at : lastBelow(options.sizes, at), 'fork'));
      }),
      { numRuns: 200 },
    );
  });

  it('that was put in is named: a copy of another', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, inside, place, async (options, at, of) => {
        const log = soundLog(options);
        log.entries.splice(at, 0, log.entries[of]);
        renumber(log);
        // A copy right before its original cannot be told from one right after it.
        expect(await verify(log)).toEqual(found(at === of ? at + 1 : at, 'entry_inserted'));
      }),
      { numRuns: 200 },
    );
  });

  it('that stands twice in one place is named', async () => {
    const log = soundLog();
    log.entries.splice(9, 0, log.entries[8]);
    expect(await verify(log)).toEqual(found(8, 'entry_inserted'));
  });

  it('that was replaced by a copy of another is named', async () => {
    const log = soundLog();
    log.entries[9] = { ...log.entries[25], seq: 9 };
    expect(await verify(log)).toEqual(found(9, 'entry_replaced'));
  });

  it('of another chain is named', async () => {
    const log = soundLog();
    const stranger = sampleChain(2, SIZE)[9];
    log.entries[9] = { seq: 9, envelope: stranger.envelope, payload: stranger.payload };
    expect(await verify(log)).toEqual(found(9, 'chain_wrong'));
  });

  it('that is earlier than the one before it is named', async () => {
    const log = soundLog({ tiles: false, sizes: [] });
    alter(log, 9, () => ({ time: '2020-01-01T00:00:00.000Z' }));
    relink(log, 10);
    expect(await verify(log)).toEqual(found(9, 'time_backwards'));
  });
});

describe('a log that is sound in itself', () => {
  it('is named as cut when it ends below a checkpoint', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.boolean(), async (size, tiles) => {
        const log = soundLog({ tiles });
        log.entries.length = size;
        expect(await verify(log)).toEqual(found(size, 'tail_cut'));
      }),
    );
  });

  it('is named as a fork from the last good checkpoint on, or from the entry that a leaf tile tells', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: SIZE - 2 }), fc.boolean(), async (at, tiles) => {
        const log = soundLog({ tiles });
        alter(log, at, () => ({ actor: 'feed-2' }));
        relink(log, at + 1);
        expect(await verify(log)).toEqual(found(tiles ? at : lastBelow(CHECKPOINTS, at), 'fork'));
      }),
      { numRuns: 200 },
    );
  });

  it('is named as a fork when its leaf tiles were written anew with it', async () => {
    const log = soundLog();
    alter(log, 15, () => ({ actor: 'feed-2' }));
    relink(log, 16);
    log.leaves = log.entries.map(({ envelope }) => leafHash(envelope));
    expect(await verify(log)).toEqual(found(10, 'fork'));
  });
});

describe('a leaf tile', () => {
  it('that was altered is told from an entry that was', async () => {
    await fc.assert(
      fc.asyncProperty(place, async (at) => {
        const log = soundLog();
        log.leaves = log.leaves!.with(at, leafHash(Buffer.from('x')));
        expect(await verify(log)).toEqual(found(at, 'tile_mismatch'));
      }),
    );
  });
});

describe('a checkpoint', () => {
  const note = (log: Log, size: number): SignedCheckpoint =>
    log.checkpoints.find((checkpoint) => checkpoint.size === size)!;

  it('with a bad signature is named at the last entry that it covers', async () => {
    const text = note(soundLog(), 20).note;
    const at = fc.integer({ min: 0, max: text.length - 1 });
    await fc.assert(
      fc.asyncProperty(at, fc.constantFrom(...'A/0\n x='), async (where, character) => {
        fc.pre(text[where] !== character);
        const log = soundLog();
        note(log, 20).note = `${text.slice(0, where)}${character}${text.slice(where + 1)}`;
        expect(await verify(log)).toEqual(found(19, 'checkpoint_signature_invalid'));
      }),
      { numRuns: 200 },
    );
  });

  it('of an unknown key, of another log, or kept under another size is named', async () => {
    const stranger = sampleSigner('elsewhere.test/chains/1');
    const unknown = soundLog();
    note(unknown, 20).note = signCheckpoint({ origin: signer.name, size: 20, root: EMPTY_ROOT }, [stranger]);
    expect(await verify(unknown)).toEqual(found(19, 'checkpoint_signature_invalid'));
    const elsewhere = soundLog();
    note(elsewhere, 20).note = signCheckpoint({ origin: 'elsewhere', size: 20, root: EMPTY_ROOT }, [signer]);
    expect(await verify(elsewhere)).toEqual(found(19, 'checkpoint_invalid'));
    const moved = soundLog();
    note(moved, 20).size = 25;
    expect(await verify(moved)).toEqual(found(24, 'checkpoint_invalid'));
  });

  it('of a size that has another one with another root is named', async () => {
    const log = soundLog();
    const other: LinkedEntry[] = sampleChain(CHAIN, SIZE, { first: 300 });
    log.checkpoints.push(checkpointOf(other, 20));
    expect(await verify(log)).toEqual(found(19, 'checkpoint_conflict'));
  });

  it('may be there twice', async () => {
    const log = soundLog();
    log.checkpoints.push({ ...note(log, 20), time: '2024-03-01T10:00:00.000Z' });
    expect(await verify(log)).toMatchObject({ ok: true, checkpoints: 6 });
  });

  it('of an empty log with another root is named', async () => {
    const log = soundLog();
    log.checkpoints[0] = {
      ...log.checkpoints[0],
      note: signCheckpoint({ origin: signer.name, size: 0, root: ZERO_HASH }, [signer]),
    };
    expect(await verify(log)).toMatchObject({ ok: false, seq: 0 });
  });
});
