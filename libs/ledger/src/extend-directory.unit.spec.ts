import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryLedger, sampleDrafts, sampleSigner } from '@chartledger/testing';
import fc from 'fast-check';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyHead, headAfter, link } from './chain.js';
import { type ChainSource } from './chain-source.js';
import { signCheckpoint } from './checkpoint.js';
import { type ChainCopy, extendChainDirectory } from './extend-directory.js';
import { sha256 } from './hash.js';
import { type LinkedEntry } from './ledger.port.js';
import { ledgerChainSource } from './ledger-source.js';
import { noteVerifier } from './note-key.js';
import { readLedgerDirectory } from './read-directory.js';
import { type SignedCheckpoint } from './signed-checkpoint.js';
import { TileBuilder } from './tile-builder.js';
import { verifyChain } from './verify-chain.js';
import { writeLedgerDirectory } from './write-directory.js';

const CHAIN = 1;
const signer = sampleSigner('chartledger.test/chains/1');
const verifier = noteVerifier(signer.name, signer.publicKey);
const NOW = Date.parse('2024-03-01T08:00:00.000Z');

/** A chain that grows and is signed after each growth. */
class Growing {
  readonly ledger = new InMemoryLedger();
  readonly checkpoints: SignedCheckpoint[] = [];
  private readonly tree = new TileBuilder();

  constructor(private readonly first = 0) {}

  async grow(count: number, first = this.first + this.tree.size): Promise<void> {
    const head = await this.ledger.head(CHAIN);
    const entries = link(head, sampleDrafts(count, { first }), NOW);
    await this.ledger.append(head, entries);
    for (const { leaf } of entries) this.tree.append(leaf);
    const { size } = this.tree;
    const note = signCheckpoint({ origin: signer.name, size, root: this.tree.root() }, [signer]);
    this.checkpoints.push({ size, time: new Date(NOW + size).toISOString(), note });
  }

  get source(): ChainSource {
    return ledgerChainSource(this.ledger, CHAIN, { checkpoints: async () => this.checkpoints });
  }

  /** The source as it was when it had `size` entries; it breaks off before the entry at `breaksAt`. */
  upTo(size: number, breaksAt = Infinity): ChainSource {
    const { source, ledger } = this;
    return {
      ...source,
      checkpoints: async () => this.checkpoints.filter((one) => one.size <= size),
      entries: async function* (from, to = size) {
        for await (const batch of ledger.read(CHAIN, from, to)) {
          yield batch.filter(({ seq }) => seq < breaksAt);
          if (batch.at(-1)!.seq >= breaksAt) throw new Error('the connection was lost');
        }
      },
    };
  }
}

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chartledger-'));
});
afterEach(() => rm(dir, { recursive: true }));

let folders = 0;
const freshFolder = (): string => join(dir, String(++folders));
const extend = (source: ChainSource, folder: string): Promise<ChainCopy> =>
  extendChainDirectory(source, folder, [verifier]);

/** The hash of each file by its path. */
async function filesOf(folder: string): Promise<Map<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  const files = await Promise.all(
    paths
      .sort()
      .map(async (path) => [path.slice(folder.length), sha256(await readFile(path)).toString('hex')] as const),
  );
  return new Map(files);
}

/** Around the borders of bundles, tiles and upper tiles, where mistakes live. */
const growth = fc.oneof(fc.constantFrom(0, 1, 2, 255, 256, 257, 511, 512, 600), fc.integer({ min: 0, max: 700 }));
const growths = fc.array(growth, { minLength: 1, maxLength: 5 });

describe('a copy that is extended', () => {
  it('has the same files as one made at once, however often it was extended', async () => {
    await fc.assert(
      fc.asyncProperty(growths, async (counts) => {
        const [chain, folder, atOnce] = [new Growing(), freshFolder(), freshFolder()];
        let from = 0;
        for (const count of counts) {
          await chain.grow(count);
          const size = from + count;
          expect(await extend(chain.source, folder)).toMatchObject({ chain: CHAIN, from, size });
          from = size;
        }
        const known = new Set(chain.checkpoints.map(({ size }) => size));
        const firstOfEach = [...known].map((size) => chain.checkpoints.find((one) => one.size === size)!);
        await extend({ ...chain.source, checkpoints: async () => firstOfEach }, atOnce);
        expect(await filesOf(folder)).toEqual(await filesOf(atOnce));
      }),
      { numRuns: 15 },
    );
  });

  it('writes no complete tile or bundle again', async () => {
    const [chain, folder] = [new Growing(), freshFolder()];
    await chain.grow(700);
    await extend(chain.source, folder);
    const marker = Buffer.from('as it was');
    const complete = ['tile/entries/000', 'tile/payloads/001', 'tile/entries/001'].map((path) => join(folder, path));
    for (const path of complete) await writeFile(path, marker);
    await chain.grow(500);
    await extend(chain.source, folder);
    for (const path of complete) expect(await readFile(path)).toEqual(marker);
  });

  it('goes on after an interruption at any entry, and reads no complete bundle from the ledger again', async () => {
    const anyStop = fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(growth, growth, anyStop, async (first, second, stops) => {
        const [chain, folder, atOnce] = [new Growing(), freshFolder(), freshFolder()];
        await chain.grow(first + 1);
        await extend(chain.source, folder);
        await chain.grow(second + 1);
        const size = first + second + 2;
        for (const stop of stops.filter((at) => at < size && at > first)) {
          await expect(extend(chain.upTo(size, stop), folder)).rejects.toThrow('the connection was lost');
          const { chains } = await readLedgerDirectory(await withKeys(folder));
          const verdict = await verifyChain(chains[0], { origin: signer.name, verifiers: [verifier] });
          expect(verdict).toMatchObject({ ok: true, signedSize: first + 1 });
        }
        let lowest = Infinity;
        const watched: ChainSource = {
          ...chain.source,
          entries: (from, to) => {
            lowest = Math.min(lowest, from);
            return chain.source.entries(from, to);
          },
        };
        await extend(watched, folder);
        await extend(chain.source, atOnce);
        expect(await filesOf(folder)).toEqual(await filesOf(atOnce));
        expect(lowest).toBeGreaterThanOrEqual(first + 1 - ((first + 1) % 256));
      }),
      { numRuns: 20 },
    );
  });

  it('copies anew what an interruption left behind and is not sound', async () => {
    for (const [file, bytes] of [
      ['tile/entries/001', 500],
      ['tile/payloads/001', 0],
      ['tile/0/001', 100],
    ] as const) {
      const [chain, folder, atOnce] = [new Growing(), freshFolder(), freshFolder()];
      await chain.grow(1000);
      await expect(extend(chain.upTo(1000, 900), folder)).rejects.toThrow('lost');
      await truncate(join(folder, file), bytes);
      await extend(chain.source, folder);
      await extend(chain.source, atOnce);
      expect(await filesOf(folder)).toEqual(await filesOf(atOnce));
    }
  });

  it('copies anew what an interruption left of a chain that went another way since', async () => {
    const [chain, other, folder, atOnce] = [new Growing(), new Growing(), freshFolder(), freshFolder()];
    for (const one of [chain, other]) await one.grow(100);
    await extend(chain.source, folder);
    await other.grow(900, 5000);
    await expect(extend(other.upTo(1000, 900), folder)).rejects.toThrow('lost');
    await chain.grow(900);
    await extend(chain.source, folder);
    await extend(chain.source, atOnce);
    expect(await filesOf(folder)).toEqual(await filesOf(atOnce));
  });

  it('cuts off the line of a checkpoint that was being written', async () => {
    const [chain, folder, atOnce] = [new Growing(), freshFolder(), freshFolder()];
    await chain.grow(300);
    await extend(chain.source, folder);
    await writeFile(join(folder, 'checkpoints'), '{"size":4', { flag: 'a' });
    await chain.grow(300);
    await extend(chain.source, folder);
    await extend(chain.source, atOnce);
    expect(await filesOf(folder)).toEqual(await filesOf(atOnce));
  });
});

/** The folder of chain 1 under a ledger's folder, with the keys beside it. */
async function withKeys(folder: string): Promise<string> {
  const root = freshFolder();
  await writeLedgerDirectory({ keys: [], chains: [] }, root);
  await mkdir(join(root, 'chains'));
  await symlink(folder, join(root, 'chains', String(CHAIN)));
  return root;
}

describe('a copy is not extended, and says from where on', () => {
  const refusal = (seq: number, reason: string): object => ({ fault: { position: `${CHAIN}:${seq}`, reason } });

  it('by a chain that parted from it before its end', async () => {
    const sizes = fc.integer({ min: 1, max: 900 });
    await fc.assert(
      fc.asyncProperty(sizes, sizes, sizes, async (common, own, others) => {
        const [chain, other, folder] = [new Growing(), new Growing(), freshFolder()];
        await chain.grow(common);
        await other.grow(common);
        await chain.grow(own);
        await other.grow(others, 5000);
        await extend(chain.source, folder);
        const before = await filesOf(folder);
        await expect(extend(other.source, folder)).rejects.toMatchObject(refusal(common, 'fork'));
        expect(await filesOf(folder)).toEqual(before);
      }),
      { numRuns: 15 },
    );
  });

  it('by a chain that is shorter', async () => {
    const [chain, short, folder] = [new Growing(), new Growing(), freshFolder()];
    await chain.grow(600);
    await short.grow(300);
    await extend(chain.source, folder);
    await expect(extend(short.source, folder)).rejects.toMatchObject(refusal(300, 'tail_cut'));
    await expect(extend(new Growing().source, folder)).rejects.toMatchObject(refusal(0, 'tail_cut'));
  });

  it('by a chain that another key signs', async () => {
    const [chain, folder] = [new Growing(), freshFolder()];
    await chain.grow(300);
    await extend(chain.source, folder);
    const stranger = sampleSigner('elsewhere.test/chains/1');
    const asked = extendChainDirectory(chain.source, folder, [noteVerifier(stranger.name, stranger.publicKey)]);
    await expect(asked).rejects.toMatchObject(refusal(299, 'checkpoint_signature_invalid'));
  });

  it('when its own tiles were altered', async () => {
    const [chain, folder] = [new Growing(), freshFolder()];
    await chain.grow(600);
    await extend(chain.source, folder);
    await truncate(join(folder, 'tile/0/002.p/88'), 32);
    await chain.grow(10);
    await expect(extend(chain.source, folder)).rejects.toMatchObject(refusal(599, 'tile_mismatch'));
  });
});

describe('a chain that is not sound is not copied', () => {
  const altered = (entries: LinkedEntry[]): ChainSource => {
    const chain = new Growing();
    return {
      ...chain.source,
      checkpoints: async () => {
        const tree = new TileBuilder();
        for (const { leaf } of entries) tree.append(leaf);
        const note = signCheckpoint({ origin: signer.name, size: entries.length, root: tree.root() }, [signer]);
        return [{ size: entries.length, time: new Date(NOW).toISOString(), note }];
      },
      entries: async function* (from, to = Infinity) {
        yield entries.filter(({ seq }) => seq >= from && seq < to);
      },
    };
  };
  const sound = (): LinkedEntry[] => link(emptyHead(CHAIN), sampleDrafts(500), NOW);

  it('where a payload was altered, an entry put in, or the end is not the one that was signed', async () => {
    const payload = sound();
    payload[280] = { ...payload[280], payload: Buffer.from('x') };
    await expect(extend(altered(payload), freshFolder())).rejects.toMatchObject({
      fault: { position: '1:280', reason: 'payload_altered' },
    });
    const linked = sound();
    const [forged] = link(headAfter(emptyHead(CHAIN), linked.slice(0, 300)), sampleDrafts(1, { first: 900 }), NOW);
    linked[300] = forged;
    await expect(extend(altered(linked), freshFolder())).rejects.toMatchObject({
      fault: { position: '1:301', reason: 'link_broken' },
    });
    const source = altered(sound());
    const [checkpoint] = await source.checkpoints();
    const note = signCheckpoint({ origin: signer.name, size: 500, root: Buffer.alloc(32, 1) }, [signer]);
    const forgedEnd = { ...source, checkpoints: async () => [{ ...checkpoint, note }] };
    const folder = freshFolder();
    await expect(extend(forgedEnd, folder)).rejects.toMatchObject({ fault: { reason: 'fork' } });
    expect([...(await filesOf(folder)).keys()]).not.toContain('/checkpoint');
  });
});
