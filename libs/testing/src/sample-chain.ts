import { createPrivateKey } from 'node:crypto';
import {
  type Draft,
  emptyHead,
  type Head,
  headAfter,
  link,
  type LinkedEntry,
  noteSigner,
  type NoteSigner,
  sha256,
} from '@chartledger/ledger';

export interface SampleOptions {
  /** Number of the first draft; drafts of different numbers have different contents. */
  first?: number;
  payloadBytes?: number;
  /** Entries per submission. */
  parts?: number;
}

/** The PKCS#8 form of an Ed25519 private key up to the 32 bytes of its seed (RFC 8410 section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Drafts with made-up but valid contents, the same at each call. */
export function sampleDrafts(count: number, options: SampleOptions = {}): Draft[] {
  const { first = 0, payloadBytes = 40, parts = 1 } = options;
  return Array.from({ length: count }, (_, at) => sampleDraft(first + at, at % parts, parts, payloadBytes));
}

function sampleDraft(number: number, part: number, parts: number, payloadBytes: number): Draft {
  const payload = Buffer.alloc(payloadBytes, `payload ${number} `);
  return {
    context: {
      actor: 'feed-1',
      kind: 'fhir.create',
      part,
      parts,
      record: hex(`record ${number}`),
      source: 'hospital-a',
      submission: uuid(number - part),
      type: 'Observation',
      version: 1,
    },
    digest: { bytes: payload.length, commit: hex('commit'), key: uuid(7), sha256: sha256(payload).toString('hex') },
    payload,
  };
}

/** A chain of `count` entries from its beginning, a second between two. */
export function sampleChain(chain: number, count: number, options: SampleOptions = {}): LinkedEntry[] {
  const start = Date.parse('2024-03-01T08:00:00.000Z');
  let head: Head = emptyHead(chain);
  return sampleDrafts(count, options).map((draft, at) => {
    const [entry] = link(head, [draft], start + at * 1000);
    head = headAfter(head, [entry]);
    return entry;
  });
}

/** A key for tests: the same name has the same key. */
export function sampleSigner(name: string): NoteSigner {
  const key = Buffer.concat([PKCS8_PREFIX, sha256(Buffer.from(name))]);
  return noteSigner(name, createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
}

function hex(text: string): string {
  return sha256(Buffer.from(text)).toString('hex');
}

function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}
