import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryLedger, sampleDrafts, sampleSigner } from '@chartledger/testing';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeEntryBundle, decodePayloadBundle } from './bundles.js';
import { emptyHead, link } from './chain.js';
import { type ChainSource, type LedgerSource, type SourceEntry } from './chain-source.js';
import { signCheckpoint } from './checkpoint.js';
import { leafHash } from './hash.js';
import { readLedgerOverHttp } from './http-source.js';
import { ledgerChainSource } from './ledger-source.js';
import { inclusionProof } from './merkle-proof.js';
import { verifyInclusion } from './merkle-verify.js';
import { formatVerifierKey, noteVerifier, parseVerifierKey } from './note-key.js';
import { readLedgerDirectory } from './read-directory.js';
import { type SignedCheckpoint } from './signed-checkpoint.js';
import { TileBuilder } from './tile-builder.js';
import { type ChainVerdict, verifyChain } from './verify-chain.js';
import { writeLedgerDirectory } from './write-directory.js';

const SIZE = 700;
const signer = sampleSigner('chartledger.test/chains/1');
const trust = { origin: signer.name, verifiers: [noteVerifier(signer.name, signer.publicKey)] };

let dir: string;
let original: ChainSource;
let source: LedgerSource;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chartledger-'));
  const ledger = new InMemoryLedger();
  const entries = link(emptyHead(1), sampleDrafts(SIZE + 20), Date.parse('2024-03-01T08:00:00.000Z'));
  await ledger.append(emptyHead(1), entries);
  const tiles = new TileBuilder();
  const checkpoints: SignedCheckpoint[] = [];
  for (const { leaf, seq } of entries.slice(0, SIZE)) {
    if (seq % 100 === 0) checkpoints.push(checkpointOf(tiles));
    tiles.append(leaf);
  }
  checkpoints.push(checkpointOf(tiles));
  original = ledgerChainSource(ledger, 1, { checkpoints: async () => checkpoints });
  source = { keys: [formatVerifierKey(signer)], chains: [original] };
});
afterEach(() => rm(dir, { recursive: true }));

function checkpointOf(tiles: TileBuilder): SignedCheckpoint {
  const checkpoint = { origin: signer.name, size: tiles.size, root: tiles.root() };
  return { size: tiles.size, time: '2024-03-01T09:00:00.000Z', note: signCheckpoint(checkpoint, [signer]) };
}

async function entriesOf(chain: ChainSource, from = 0, to?: number): Promise<SourceEntry[]> {
  const entries: SourceEntry[] = [];
  for await (const batch of chain.entries(from, to)) entries.push(...batch);
  return entries.map(({ seq, envelope, payload }) => ({ seq, envelope, payload }));
}

describe('a Ledger driver as a source', () => {
  it('is verified to its head, beyond the last checkpoint', async () => {
    expect(await verifyChain(original, trust, { requirePayloads: true })).toMatchObject({
      ok: true,
      size: SIZE + 20,
      signedSize: SIZE,
      checkpoints: 8,
    });
  });
});

describe('a directory as a source', () => {
  let copy: ChainSource;
  const path = (file: string): string => join(dir, 'chains/1', file);
  const verify = (): Promise<ChainVerdict> => verifyChain(copy, trust);

  beforeEach(async () => {
    await writeLedgerDirectory(source, dir);
    const read = await readLedgerDirectory(dir);
    expect(read.keys.map((key) => parseVerifierKey(key).name)).toEqual([signer.name]);
    copy = read.chains[0];
  });

  it('holds what the checkpoints cover, and verifies', async () => {
    expect(await entriesOf(copy)).toEqual(await entriesOf(original, 0, SIZE));
    expect(await entriesOf(copy, 250, 520)).toEqual(await entriesOf(original, 250, 520));
    expect(await copy.checkpoints()).toEqual(await original.checkpoints());
    expect(await verify()).toMatchObject({ ok: true, size: SIZE, payloads: SIZE, checkpoints: 8 });
  });

  it('has the files of a C2SP log', async () => {
    const files = ['checkpoint', 'checkpoints', 'tile/0/000', 'tile/0/001', 'tile/0/002.p/188', 'tile/1/000.p/2'];
    files.push('tile/entries/000', 'tile/entries/002.p/188', 'tile/payloads/001', 'tile/payloads/002.p/188');
    expect(files.filter((file) => !existsSync(path(file)))).toEqual([]);
    expect(decodeEntryBundle(await readFile(path('tile/entries/002.p/188'))).length).toBe(188);
    expect(decodePayloadBundle(await readFile(path('tile/payloads/001'))).length).toBe(256);
    const { note } = (await original.checkpoints()).at(-1)!;
    expect(await readFile(path('checkpoint'), 'utf8')).toBe(note);
  });

  it('has the tiles that proofs are made from', async () => {
    const verdict = await verify();
    const proof = await inclusionProof(
      300,
      SIZE,
      async (level, index) => (await copy.tile!({ level, index, width: 1 }))!,
    );
    const [{ envelope }] = await entriesOf(copy, 300, 301);
    const root = Buffer.from(verdict.ok ? verdict.root : '', 'hex');
    verifyInclusion({ index: 300n, size: BigInt(SIZE), leaf: leafHash(envelope), root, proof });
  });

  it('can be copied again', async () => {
    const again = join(dir, 'again');
    await writeLedgerDirectory(await readLedgerDirectory(dir), again);
    expect(await readFile(join(again, 'chains/1/tile/entries/001'))).toEqual(await readFile(path('tile/entries/001')));
    expect(await verifyChain((await readLedgerDirectory(again)).chains[0], trust)).toEqual(await verify());
  });

  it('is found wrong where a byte of a file was altered', async () => {
    const alter = async (file: string, at: number): Promise<ChainVerdict> => {
      const bytes = await readFile(path(file));
      const altered = Buffer.from(bytes);
      altered[at] ^= 1;
      await writeFile(path(file), altered);
      const verdict = await verify();
      await writeFile(path(file), bytes);
      return verdict;
    };
    expect(await alter('tile/payloads/001', 10)).toMatchObject({ seq: 256, reason: 'payload_altered' });
    expect(await alter('tile/0/001', 32 * 5)).toMatchObject({ seq: 261, reason: 'tile_mismatch' });
    expect(await alter('tile/entries/001', 2)).toMatchObject({ seq: 256, reason: 'envelope_invalid' });
    expect(await alter('tile/entries/001', 0)).toMatchObject({ seq: 256, reason: 'envelope_invalid' });
  });

  it('is found wrong where a file is cut, missing or too long', async () => {
    await truncate(path('tile/entries/002.p/188'), 1000);
    expect(await verify()).toMatchObject({ seq: 513, reason: 'envelope_invalid' });
    await rm(path('tile/entries/002.p'), { recursive: true });
    expect(await verify()).toMatchObject({ seq: 512, reason: 'tail_cut' });
    await appendFile(path('tile/entries/000'), '\0\0');
    expect(await verify()).toMatchObject({ seq: 256, reason: 'envelope_invalid' });
    await rename(path('tile/entries/000'), path('tile/entries/gone'));
    expect(await verify()).toMatchObject({ seq: 0, reason: 'entry_removed' });
  });

  it('is found wrong where payloads are cut off the end of their file', async () => {
    await truncate(path('tile/payloads/000'), 44 * 3);
    expect(await verify()).toMatchObject({ seq: 3, reason: 'payload_altered' });
  });

  it('is refused where the checkpoints are not what they should be', async () => {
    await appendFile(path('checkpoints'), '{"size":-1}\n');
    await expect(verify()).rejects.toMatchObject({ code: 'source_malformed' });
  });
});

describe('a copy', () => {
  it('is refused where the source has a gap, or ends below its last checkpoint', async () => {
    const entries = await entriesOf(original);
    const without = (gone: (seq: number) => boolean): ChainSource => ({
      ...original,
      entries: async function* () {
        yield entries.filter(({ seq }) => !gone(seq));
      },
    });
    const gap = { ...source, chains: [without((seq) => seq === 5)] };
    await expect(writeLedgerDirectory(gap, join(dir, 'gap'))).rejects.toMatchObject({
      fault: { position: '1:5', reason: 'entry_removed' },
    });
    const short = { ...source, chains: [without((seq) => seq > 100)] };
    await expect(writeLedgerDirectory(short, join(dir, 'short'))).rejects.toMatchObject({
      fault: { position: '1:101', reason: 'tail_cut' },
    });
  });
});

describe('a log over HTTP as a source', () => {
  let server: Server;
  let url: string;

  beforeEach(async () => {
    await writeLedgerDirectory(source, dir);
    const payloads = await entriesOf(original, 0, SIZE);
    server = createServer((request, response) => {
      void answer(request.url!, payloads).then((body) => response.writeHead(body ? 200 : 404).end(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  /** The routes of INTERFACES.md, from the files of a copy. */
  async function answer(path: string, entries: SourceEntry[]): Promise<string | Buffer | undefined> {
    const [, seq] = /^\/ledger\/chains\/1\/entries\/(\d+)\/payload$/.exec(path) ?? [];
    if (seq) return entries[Number(seq)]?.payload;
    if (path === '/ledger/chains') return JSON.stringify([{ chain: 1 }]);
    if (path === '/ledger/chains/1/checkpoints') return JSON.stringify(await original.checkpoints());
    return readFile(join(dir, path.replace('/ledger', ''))).catch(() => undefined);
  }

  it('verifies, with and without payloads', async () => {
    const plain = await readLedgerOverHttp(url);
    expect(plain.keys).toEqual(source.keys);
    expect(await verifyChain(plain.chains[0], trust)).toMatchObject({ ok: true, size: SIZE, payloads: 0 });
    const full = await readLedgerOverHttp(`${url}/`, { payloads: true });
    const verdict = await verifyChain(full.chains[0], trust, { requirePayloads: true });
    expect(verdict).toMatchObject({ ok: true, size: SIZE, payloads: SIZE });
  });

  it('is found wrong where the server holds something else', async () => {
    await truncate(join(dir, 'chains/1/tile/entries/001'), 5000);
    const { chains } = await readLedgerOverHttp(url);
    expect(await verifyChain(chains[0], trust)).toMatchObject({ ok: false, reason: 'envelope_invalid' });
  });

  it('is not a verdict when the server cannot be asked', async () => {
    await expect(readLedgerOverHttp('http://127.0.0.1:1')).rejects.toThrow();
    await expect(readLedgerOverHttp(`${url}/elsewhere`)).rejects.toThrow('does not exist');
  });
});
