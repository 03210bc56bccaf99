import { describe, expect, it } from '@jest/globals';
import { sharedFolder } from '@chartledger/testing';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyConsistency, verifyInclusion } from './merkle-verify.js';

const shared = sharedFolder();
const withVectors = shared ? describe : describe.skip;

interface Vector {
  desc: string;
  wantErr: boolean;
  proof: string[] | null;
  [field: string]: unknown;
}

function vectorsIn(folder: string): [string, Vector][] {
  if (!shared) return [['none', { desc: '', wantErr: false, proof: null }]];
  const root = join(shared, 'vectors/merkle', folder);
  const files = (readdirSync(root, { recursive: true }) as string[]).filter((name) => name.endsWith('.json')).sort();
  return files.map((name) => [name, parseLossless(readFileSync(join(root, name), 'utf8'))]);
}

/** The sizes exceed 2^53: bare integers are read as strings. */
function parseLossless(text: string): Vector {
  return JSON.parse(text.replace(/:\s*(\d+)/g, ': "$1"')) as Vector;
}

const bytes = (text: unknown): Buffer => Buffer.from(text as string, 'base64');
const hashes = (vector: Vector): Buffer[] => (vector.proof ?? []).map(bytes);
const integer = (text: unknown): bigint => BigInt(text as string);

function expectOutcome(vector: Vector, verify: () => void): void {
  if (vector.wantErr) expect(verify).toThrow(expect.objectContaining({ code: 'proof_invalid' }));
  else expect(verify).not.toThrow();
}

withVectors('inclusion vectors', () => {
  it.each(vectorsIn('inclusion'))('%s', (_, vector) => {
    const index = integer(vector.leafIdx);
    const size = integer(vector.treeSize);
    const claim = { index, size, leaf: bytes(vector.leafHash), root: bytes(vector.root), proof: hashes(vector) };
    expectOutcome(vector, () => verifyInclusion(claim));
  });
});

withVectors('consistency vectors', () => {
  it.each(vectorsIn('consistency'))('%s', (_, vector) => {
    const oldSize = integer(vector.size1);
    const size = integer(vector.size2);
    const claim = { oldSize, size, oldRoot: bytes(vector.root1), root: bytes(vector.root2), proof: hashes(vector) };
    expectOutcome(vector, () => verifyConsistency(claim));
  });
});
