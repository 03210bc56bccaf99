import { scanResource, splice } from '@chartledger/fhir';
import {
  encodeContext,
  readEnvelope,
  recordChange,
  SYSTEM_SOURCE,
  type Envelope,
  type StoredEntry,
} from '@chartledger/ledger';
import { openPayload, type DataKey, type DataKeys } from '@chartledger/security';
import { localRecord, NO_FACTS, readFacts, resolveFacts, type RecordFacts } from './facts.js';
import { splitPayload, type PayloadHeader } from './payload-header.js';
import { type ProjectedEntry } from './projection.port.js';

/** An entry with its payload decrypted. */
export interface OpenedEntry {
  stored: StoredEntry;
  envelope: Envelope;
  /** Undefined when the data key was destroyed. */
  content: { header: PayloadHeader; text: Buffer } | undefined;
}

/** Decrypts entries, with one look-up of keys for a batch. */
export class EntryOpener {
  constructor(private readonly keys: DataKeys) {}

  async open(entries: readonly StoredEntry[]): Promise<OpenedEntry[]> {
    const envelopes = entries.map((entry) => readEnvelope(entry.envelope));
    const keys = await this.keys.byIds(new Set(envelopes.map((envelope) => envelope.payload.key)));
    return entries.map((stored, index) => openEntry(stored, envelopes[index], keys));
  }

  /** The data keys of entries by id, for whoever opens them elsewhere with `openEntries`. */
  keysOf(entries: readonly StoredEntry[]): Promise<ReadonlyMap<string, DataKey>> {
    return this.keys.byIds(new Set(entries.map(({ envelope }) => keyIdOf(envelope))));
  }

  /** The entries as projections see them: what a replay feeds them with. */
  async project(entries: readonly StoredEntry[]): Promise<ProjectedEntry[]> {
    const opened = await this.open(entries);
    return opened.map(({ stored, envelope, content }) => ({
      seq: stored.seq,
      time: Date.parse(envelope.time),
      envelope,
      id: content?.header.id,
      facts: content ? factsOf(envelope, content.header, content.text) : NO_FACTS,
      ...(content ? ownContent(envelope, content.header, content.text) : {}),
    }));
  }
}

/** Decrypts entries under keys that were looked up; one whose key is not among them has no content. */
export function openEntries(entries: readonly StoredEntry[], keys: ReadonlyMap<string, DataKey>): OpenedEntry[] {
  return entries.map((stored) => openEntry(stored, readEnvelope(stored.envelope), keys));
}

function openEntry(stored: StoredEntry, envelope: Envelope, keys: ReadonlyMap<string, DataKey>): OpenedEntry {
  const key = keys.get(envelope.payload.key);
  const content = key && splitPayload(openPayload(key, encodeContext(envelope), envelope.payload, stored.payload));
  return { stored, envelope, content };
}

const KEY = '"key":"';
const UUID_LENGTH = 36;

/** The id of the data key in an envelope's bytes, without reading the rest: a quote in the actor's name would be escaped. */
function keyIdOf(envelope: Buffer): string {
  const text = envelope.toString('latin1');
  const start = text.indexOf(KEY) + KEY.length;
  return text.slice(start, start + UUID_LENGTH);
}

/** What projections are given of the system's own entries beside the facts: its text, and what it stands on. */
export function ownContent(
  { source, kind }: Pick<Envelope, 'source' | 'kind'>,
  { decision }: PayloadHeader,
  text: Buffer,
): Pick<ProjectedEntry, 'text' | 'decision'> {
  if (source !== SYSTEM_SOURCE && kind.startsWith('fhir.')) return {};
  return { text, ...(decision ? { decision } : {}) };
}

/** The text that is served for a version: what was received, with id, version, time and resolved references spliced in. */
export function servedText(envelope: Pick<Envelope, 'version' | 'time'>, header: PayloadHeader, text: Buffer): Buffer {
  return splice(text, {
    id: header.id,
    versionId: String(envelope.version),
    lastUpdated: envelope.time,
    references: header.references ?? [],
  });
}

function factsOf(envelope: Envelope, header: PayloadHeader, text: Buffer): RecordFacts {
  const change = recordChange(envelope);
  if (change !== 'create' && change !== 'update') return NO_FACTS;
  const served = servedText(envelope, header, text);
  const references = scanResource(served).references.map((reference) => reference.value);
  return resolveFacts(readFacts(envelope.type, JSON.parse(served.toString('utf8')), references), localRecord);
}
