import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  chainOrigin,
  consistencyProof,
  decodeEnvelope,
  encodeEntryBundle,
  leafHash,
  openCheckpoint,
  parseVerifierKey,
  readLedgerOverHttp,
  rootOf,
  sha256,
  TILE_WIDTH,
  tilePath,
  tilesOfTree,
  tileWidth,
  verifyChain,
  verifyConsistency,
  verifyTlogProof,
  type NoteVerifier,
} from '@chartledger/ledger';
import {
  eventually,
  FhirHttp,
  http,
  type HttpAnswer,
  registerSource,
  startTestServer,
  type TestServer,
} from '@chartledger/testing';

interface Chain {
  chain: number;
  origin: string;
  size: number;
  head: string;
  root: string;
  checkpoint: { size: number; time: string };
  sources: string[];
}

/** More than two full tiles, and a third that is not. */
const ENTRIES = 2 * TILE_WIDTH + 41;

let server: TestServer;
let fhir: FhirHttp;
let verifiers: NoteVerifier[];
let envelopes: Buffer[];
let leaves: Buffer[];

const ledger = (path: string): Promise<HttpAnswer> => http(`${server.url}/ledger/${path}`);
const chain = (path: string): Promise<HttpAnswer> => ledger(`chains/1/${path}`);
const put = (at: number): Promise<HttpAnswer> =>
  fhir.put(`Patient/p${at}`, { resourceType: 'Patient', id: `p${at}`, active: true });

async function chains(): Promise<Chain[]> {
  return (await ledger('chains')).json<Chain[]>();
}

/** Every entry of chain 1 is covered by a checkpoint. */
async function covered(): Promise<Chain> {
  return eventually('a checkpoint over all entries', async () => {
    const [, one] = await chains();
    return one.checkpoint.size === one.size && one;
  });
}

describe('an empty ledger', () => {
  it('has a signed checkpoint of size 0 for each chain from the start', async () => {
    server = await startTestServer({ CHARTLEDGER_ORIGIN: 'town.example/log' });
    verifiers = (await ledger('keys')).text.trimEnd().split('\n').map(parseVerifierKey);
    const empty = sha256(Buffer.alloc(0));
    for (const { chain: number, origin, size, head, root, checkpoint, sources } of await chains()) {
      expect(origin).toBe(chainOrigin('town.example/log', number));
      expect({ size, head, root, sources }).toEqual({
        size: 0,
        head: '0'.repeat(64),
        root: empty.toString('hex'),
        sources: [],
      });
      expect(checkpoint.size).toBe(0);
      const { text } = await ledger(`chains/${number}/checkpoint`);
      expect(openCheckpoint(text, verifiers, origin)).toEqual({ origin, size: 0, root: empty });
      expect((await ledger(`chains/${number}/tile/0/000`)).status).toBe(404);
      expect((await ledger(`chains/${number}/tile/entries/000`)).status).toBe(404);
      expect((await ledger(`chains/${number}/entries/0`)).status).toBe(404);
      expect((await ledger(`chains/${number}/entries/0/proof`)).status).toBe(404);
    }
  });
});

describe('the ledger over HTTP', () => {
  beforeAll(async () => {
    fhir = await registerSource(server.url, { name: 'clinic' });
    await put(0);
    await covered();
    for (let at = 1; at < ENTRIES; at += 64) {
      await Promise.all(Array.from({ length: Math.min(64, ENTRIES - at) }, (_, more) => put(at + more)));
      if (at < 300) await covered();
    }
    await covered();
    const seqs = Array.from({ length: ENTRIES }, (_, seq) => seq);
    envelopes = [];
    for (const seq of seqs) envelopes.push((await chain(`entries/${seq}`)).bytes);
    leaves = envelopes.map((envelope) => leafHash(envelope));
  });
  afterAll(() => server.remove());

  it('names each chain with its origin, size, head, root, checkpoint and sources', async () => {
    const [system, one] = await chains();
    expect(system).toMatchObject({ chain: 0, size: expect.any(Number), sources: [] });
    expect(one).toEqual({
      chain: 1,
      origin: 'town.example/log/chains/1',
      size: ENTRIES,
      head: leaves[ENTRIES - 1].toString('hex'),
      root: rootOf(Buffer.concat(leaves)).toString('hex'),
      checkpoint: { size: ENTRIES, time: expect.stringMatching(/Z$/) },
      sources: ['clinic'],
    });
  });

  it('has a verifier key for each chain under its origin, and both are of the one key', () => {
    expect(verifiers.map(({ name }) => name)).toEqual(['town.example/log/chains/0', 'town.example/log/chains/1']);
    expect(verifiers[0].publicKey.equals(verifiers[1].publicKey)).toBe(true);
  });

  it('signs the root over all entries', async () => {
    const answer = await chain('checkpoint');
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    const { size, root } = openCheckpoint(answer.text, verifiers, 'town.example/log/chains/1');
    expect([size, root]).toEqual([ENTRIES, rootOf(Buffer.concat(leaves))]);
  });

  it('gives each entry as its envelope, linked to the one before, and the payload that it names', async () => {
    let prev: Buffer = Buffer.alloc(32);
    for (const [seq, bytes] of envelopes.entries()) {
      const envelope = decodeEnvelope(bytes);
      expect([envelope.seq, envelope.prev]).toEqual([seq, prev.toString('hex')]);
      prev = leaves[seq];
    }
    for (const seq of [0, 255, 256, ENTRIES - 1]) {
      const { payload } = decodeEnvelope(envelopes[seq]);
      const { bytes } = await chain(`entries/${seq}/payload`);
      expect([bytes.length, sha256(bytes).toString('hex')]).toEqual([payload.bytes, payload.sha256]);
      expect(bytes.includes('Patient')).toBe(false);
    }
  });

  it('holds no identifier in an envelope', () => {
    for (const [seq, envelope] of envelopes.entries())
      expect([seq, /p\d+"|Patient\//.test(envelope.toString())]).toEqual([seq, false]);
  });

  it('has every tile of the tree, full and partial, and nothing beyond', async () => {
    for (const tile of tilesOfTree(ENTRIES)) {
      const { level, index, width } = tile;
      const answer = await chain(tilePath(tile));
      expect([tilePath(tile), answer.status]).toEqual([tilePath(tile), 200]);
      const span = TILE_WIDTH ** level;
      const hashes = Array.from({ length: width }, (_, at) => {
        const from = (index * TILE_WIDTH + at) * span;
        return rootOf(Buffer.concat(leaves.slice(from, from + span)));
      });
      expect(answer.bytes.equals(Buffer.concat(hashes))).toBe(true);
    }
    for (const path of [
      'tile/0/003',
      'tile/0/002',
      'tile/0/002.p/42',
      'tile/1/000',
      'tile/1/000.p/3',
      'tile/2/000.p/1',
      'tile/0/x000/002.p/41',
      'tile/0/2',
      'tile/0/002.p/0',
      'tile/0/000.p/256',
      'tile/64/000',
      'tile/0',
      'tile/x/000',
    ]) {
      expect([path, (await chain(path)).status]).toEqual([path, 404]);
    }
  });

  it('has narrower tiles too: what an older checkpoint covers', async () => {
    for (const width of [1, 7, 41]) {
      const tile = await chain(`tile/0/002.p/${width}`);
      expect(tile.bytes.equals(Buffer.concat(leaves.slice(512, 512 + width)))).toBe(true);
    }
    const early = await chain('tile/0/000.p/100');
    if (early.status === 200) expect(early.bytes.equals(Buffer.concat(leaves.slice(0, 100)))).toBe(true);
    else expect(early.status).toBe(404);
  });

  it('has the entries in bundles, framed as tlog-tiles says', async () => {
    for (const index of [0, 1, 2]) {
      const width = tileWidth(0, index, ENTRIES);
      const bundle = await chain(tilePath({ level: 'entries', index, width }));
      const expected = encodeEntryBundle(envelopes.slice(index * TILE_WIDTH, index * TILE_WIDTH + width));
      expect(bundle.bytes.equals(expected)).toBe(true);
    }
    expect((await chain('tile/entries/002')).status).toBe(404);
    expect((await chain('tile/entries/002.p/42')).status).toBe(404);
  });

  it('lists every checkpoint that was signed, each consistent with the one before', async () => {
    const all = (await chain('checkpoints')).json<{ size: number; time: string; note: string }[]>();
    expect(all.length).toBeGreaterThan(3);
    expect(all[0].size).toBe(0);
    const tile = async (level: number, index: number): Promise<Buffer> =>
      (await chain(tilePath({ level, index, width: tileWidth(level, index, ENTRIES) }))).bytes;
    for (const [at, { size, note }] of all.entries()) {
      const checkpoint = openCheckpoint(note, verifiers, 'town.example/log/chains/1');
      expect([checkpoint.size, checkpoint.root]).toEqual([
        size,
        size ? rootOf(Buffer.concat(leaves.slice(0, size))) : sha256(Buffer.alloc(0)),
      ]);
      const before = all[at - 1] && openCheckpoint(all[at - 1].note, verifiers);
      if (!before?.size) continue;
      expect(size).toBeGreaterThan(before.size);
      const proof = await consistencyProof(before.size, size, tile);
      verifyConsistency({
        oldSize: BigInt(before.size),
        size: BigInt(size),
        oldRoot: before.root,
        root: checkpoint.root,
        proof,
      });
    }
    const [, second, third] = all;
    const range = (await chain(`checkpoints?from=${second.size}&to=${third.size}`)).json();
    expect(range).toEqual([second, third]);
  });

  it('proves each entry, so that the proof verifies without the log', async () => {
    for (const seq of [0, 1, 255, 256, 511, 512, ENTRIES - 1]) {
      const { text } = await chain(`entries/${seq}/proof`);
      const { index, checkpoint } = verifyTlogProof(text, { envelope: envelopes[seq] }, verifiers);
      expect([index, checkpoint.origin]).toEqual([seq, 'town.example/log/chains/1']);
      expect(() => verifyTlogProof(text, { envelope: envelopes[(seq + 1) % ENTRIES] }, verifiers)).toThrow();
    }
  });

  it('answers 404 beyond the head and for a chain that there is not', async () => {
    for (const path of [
      `entries/${ENTRIES + 9}`,
      `entries/${ENTRIES + 9}/payload`,
      `entries/${ENTRIES + 9}/proof`,
      'entries/-1',
      'entries/01',
      'entries/x',
    ]) {
      const answer = await chain(path);
      expect([path, answer.status, answer.json().status]).toEqual([path, 404, 404]);
    }
    for (const path of ['checkpoint', 'checkpoints', 'tile/0/000.p/1', 'entries/0', 'entries/0/proof']) {
      expect((await ledger(`chains/9/${path}`)).status).toBe(404);
    }
    expect((await chain('checkpoints?from=x')).status).toBe(400);
  });

  it('verifies over HTTP from the first entry to the last, payloads included', async () => {
    const source = await readLedgerOverHttp(server.url, { payloads: true });
    expect(source.keys.map((line) => parseVerifierKey(line).name)).toEqual(verifiers.map(({ name }) => name));
    for (const one of source.chains) {
      const trust = { origin: chainOrigin('town.example/log', one.chain), verifiers };
      const verdict = await verifyChain(one, trust, { requirePayloads: true });
      expect(verdict).toMatchObject({
        ok: true,
        voidSubmissions: 0,
      });
      expect(verdict).toMatchObject(one.chain === 1 ? { size: ENTRIES, payloads: ENTRIES } : {});
    }
  });

  it('lets a proof wait for the checkpoint that covers its entry', async () => {
    const answer = await put(ENTRIES);
    const [, seq] = answer.headers.get('chartledger-position')!.split(':');
    const proof = await chain(`entries/${seq}/proof`);
    expect(proof.status).toBe(200);
    const { bytes } = await chain(`entries/${seq}`);
    expect(verifyTlogProof(proof.text, { envelope: bytes }, verifiers).index).toBe(Number(seq));
  });

  it('goes on from its last checkpoint after a restart', async () => {
    const before = (await chain('checkpoints')).json<object[]>();
    await server.restart();
    fhir = new FhirHttp(`${server.url}/fhir/clinic`);
    const after = (await chain('checkpoints')).json<object[]>();
    expect(after.slice(0, before.length)).toEqual(before);
    const answer = await put(ENTRIES + 1);
    expect(answer.headers.get('chartledger-position')).toBe(`1:${ENTRIES + 1}`);
    const proof = await chain(`entries/3/proof`);
    expect(verifyTlogProof(proof.text, { envelope: envelopes[3] }, verifiers).index).toBe(3);
    expect((await chain('tile/0/001')).bytes.equals(Buffer.concat(leaves.slice(256, 512)))).toBe(true);
    expect(
      (await ledger('keys')).text
        .trimEnd()
        .split('\n')
        .map(parseVerifierKey)
        .map(({ name }) => name),
    ).toEqual(verifiers.map(({ name }) => name));
  });
});
