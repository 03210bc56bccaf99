import { describe, expect, it } from '@jest/globals';
import { createDecipheriv, createHmac, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeEntryBundle } from './bundles.js';
import { emptyHead, extendsHead } from './chain.js';
import { openCheckpoint, signCheckpoint } from './checkpoint.js';
import { decodeEnvelope, encodeContext } from './envelope.js';
import { leafHash, nodeHash, sha256 } from './hash.js';
import { type Head } from './ledger.port.js';
import { EMPTY_ROOT, rootOf } from './merkle.js';
import { formatVerifierKey, noteSigner, parseVerifierKey } from './note-key.js';
import { SubmissionReader } from './submission-groups.js';
import { verifyTlogProof } from './tlog-proof.js';

const page = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../../docs/ledger-format.md'), 'utf8');
const blocks = page.matchAll(/<!-- example: (\S+) -->\n\n```text\n([^]*?)\n```/g);
const examples = new Map([...blocks].map(([, name, text]) => [name, text]));
const used = new Set<string>();

function example(name: string): string {
  used.add(name);
  const text = examples.get(name);
  if (text === undefined) throw new Error(`docs/ledger-format.md has no example ${name}`);
  return text;
}
const bytes = (name: string): Buffer => Buffer.from(example(name).replaceAll('\n', ''), 'hex');

const envelopes = [0, 1, 2].map((seq) => Buffer.from(example(`envelope-${seq}`)));
const leaves = [0, 1, 2].map((seq) => bytes(`leaf-${seq}`));
const fields = envelopes.map(decodeEnvelope);
const verifiers = [parseVerifierKey(example('verifier-key'))];

describe('the worked examples of docs/ledger-format.md', () => {
  it('are a chain: leaf hashes, links, and each extends the one before', () => {
    let head: Head = emptyHead(1);
    for (const [seq, envelope] of envelopes.entries()) {
      expect(leafHash(envelope)).toEqual(leaves[seq]);
      expect(extendsHead(head, fields[seq])).toBe(true);
      head = { chain: 1, seq, leaf: leaves[seq], time: Date.parse(fields[seq].time) };
    }
  });

  it('are two submissions, the first of two entries', () => {
    const reader = new SubmissionReader<number>();
    const groups = fields.flatMap((envelope) => reader.push(envelope, envelope.seq));
    expect(groups.map(({ status, entries }) => [status, entries])).toEqual([
      ['complete', [0, 1]],
      ['complete', [2]],
    ]);
  });

  it('have the tree, the tile and the bundle that the page gives', () => {
    expect(bytes('tile-0-0-3')).toEqual(Buffer.concat(leaves));
    expect(bytes('node-0-1')).toEqual(nodeHash(leaves[0], leaves[1]));
    expect(bytes('root-3')).toEqual(rootOf(Buffer.concat(leaves)));
    expect(bytes('root-0')).toEqual(EMPTY_ROOT);
    const bundle = encodeEntryBundle(envelopes);
    expect(bytes('entry-bundle-start')).toEqual(bundle.subarray(0, 16));
    expect(bytes('entry-bundle-sha256')).toEqual(sha256(bundle));
    expect(page).toContain(`has ${bundle.length} bytes`);
  });

  it('have a checkpoint that is signed by the key whose seed is given', () => {
    const note = `${example('checkpoint-3')}\n`;
    const checkpoint = openCheckpoint(note, verifiers, 'chartledger.local/chains/1');
    expect(checkpoint).toMatchObject({ size: 3, root: bytes('root-3') });
    const seed = Buffer.from(/has the seed ([0-9a-f]{64})/.exec(page)![1], 'hex');
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const signer = noteSigner(checkpoint.origin, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
    expect(formatVerifierKey(signer)).toBe(example('verifier-key'));
    expect(signCheckpoint(checkpoint, [signer])).toBe(note);
  });

  it('have a proof that verifies', () => {
    const { index } = verifyTlogProof(`${example('proof-1')}\n`, { envelope: envelopes[1] }, verifiers);
    expect(index).toBe(1);
  });

  it('have a payload that decrypts to the plaintext, and a commitment and a pseudonym under the keys given', () => {
    const payload = bytes('payload-0');
    const dataKey = bytes('data-key');
    const { payload: digest, record } = fields[0];
    expect(digest).toMatchObject({ bytes: payload.length, sha256: sha256(payload).toString('hex') });
    expect(encodeContext(fields[0])).toBe(example('additional-data-0'));
    const decipher = createDecipheriv('aes-256-gcm', dataKey, payload.subarray(0, 12));
    decipher.setAAD(Buffer.from(example('additional-data-0'))).setAuthTag(payload.subarray(-16));
    const plaintext = Buffer.concat([decipher.update(payload.subarray(12, -16)), decipher.final()]);
    expect(plaintext.toString()).toBe(example('plaintext-0'));
    expect(createHmac('sha256', dataKey).update('chartledger/commit/v1').digest('hex')).toBe(digest.commit);
    const name = 'lab-a\0Observation\0o1';
    expect(createHmac('sha256', bytes('pseudonym-key')).update(name).digest('hex')).toBe(record);
  });

  it('are all checked here', () => {
    expect([...used].sort()).toEqual([...examples.keys()].sort());
  });
});
