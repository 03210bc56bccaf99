import { randomUUID } from 'node:crypto';
import { emptyHead, headAfter, link, sha256, type Draft, type EntryKind, type Head } from '@chartledger/ledger';
import { type OpenedEntry, type PayloadHeader } from '@chartledger/projection';

export const SOURCE = 'st-mary';
export const CHAIN = 1;

/** A change in a submission; `resource` without its type and id. */
export interface StoryChange {
  record: string;
  version: number;
  kind?: EntryKind;
  resource?: object;
  /** The data key was destroyed since. */
  isUnreadable?: boolean;
}

/** Entries of one source as a ledger holds them, made without one. */
export class Story {
  readonly entries: OpenedEntry[] = [];
  private head: Head = emptyHead(CHAIN);

  /** Appends a submission, a second after the one before. Returns its id. */
  submit(client: string, ...changes: StoryChange[]): string {
    const submission = randomUUID();
    const drafts = changes.map((change, part) => draftOf(client, submission, change, part, changes.length));
    const linked = link(this.head, drafts, Date.parse('2024-03-01T08:00:00.000Z') + this.entries.length * 1000);
    this.head = headAfter(this.head, linked);
    linked.forEach((stored, index) => {
      const content = changes[index].isUnreadable ? undefined : contentOf(changes[index]);
      this.entries.push({ stored, envelope: stored.fields, content });
    });
    return submission;
  }
}

function draftOf(actor: string, submission: string, change: StoryChange, part: number, parts: number): Draft {
  const { record, version, kind = version === 1 ? 'fhir.create' : 'fhir.update' } = change;
  const [type] = record.split('/');
  const payload = Buffer.from(`payload of ${record}`);
  const digest = { bytes: payload.length, commit: hex('commit'), key: randomUUID(), sha256: hex(String(payload)) };
  const context = { actor, kind, part, parts, record: hex(record), source: SOURCE, submission, type, version };
  return { context, digest, payload };
}

function contentOf({ record, kind, resource = {} }: StoryChange): { header: PayloadHeader; text: Buffer } {
  const [resourceType, id] = record.split('/');
  const header: PayloadHeader = { method: 'PUT', url: record, id, requestId: 'request' };
  const hasBody = kind === undefined || kind === 'fhir.create' || kind === 'fhir.update';
  return { header, text: Buffer.from(hasBody ? JSON.stringify({ resourceType, id, ...resource }) : '') };
}

function hex(text: string): string {
  return sha256(Buffer.from(text)).toString('hex');
}

/** Short forms of resources that refer to each other. */
export function observationOf(...references: string[]): object {
  const [subject, ...others] = references.map((reference) => ({ reference }));
  return { status: 'final', code: { text: 'weight' }, subject, ...(others.length > 0 ? { derivedFrom: others } : {}) };
}

export function provenanceOf(targets: string[], who = 'Practitioner/dr'): object {
  return {
    target: targets.map((reference) => ({ reference })),
    recorded: '2024-03-01T07:59:00.000Z',
    agent: [{ type: { coding: [{ code: 'author' }] }, who: { reference: who, display: 'Dr. Jane Doe' } }],
  };
}
