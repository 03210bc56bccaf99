import { parseReference, scanResource } from '@chartledger/fhir';
import { parsePositions, SYSTEM_SOURCE, type Positions } from '@chartledger/ledger';
import { servedText, type OpenedEntry } from '@chartledger/projection';
import { recordInSource } from '@chartledger/records';
import { type Referrer } from './named-version.js';

/** A reference to a record of the same source. */
export interface NamedRecord {
  type: string;
  id: string;
  /** Where the reference names a version. */
  version: number | undefined;
  /** It is a Provenance's target. */
  isTarget: boolean;
}

/** What lineage takes from an entry of a record. */
export interface LineageEntry {
  seq: number;
  /** FHIR instant. */
  time: string;
  source: string;
  type: string;
  /** Undefined when the data key was destroyed. */
  id: string | undefined;
  version: number;
  isDeletion: boolean;
  submission: string;
  client: string;
  part: number;
  parts: number;
  /** Distinct, in the order of the text. None when the data key was destroyed. */
  references: NamedRecord[];
  /** Of a decision of the system: the positions that it stands on, by chain, and the records of sources that it names. */
  basis: Positions;
  decidedOn: { source: string; type: string; id: string }[];
}

export function readLineageEntry(opened: OpenedEntry): LineageEntry {
  const { stored, envelope, content } = opened;
  const { time, source, type, version, kind, submission, actor, part, parts } = envelope;
  const references = readReferences(opened);
  return {
    seq: stored.seq,
    time,
    source,
    type,
    id: content?.header.id,
    version,
    isDeletion: kind === 'fhir.delete',
    submission,
    client: actor,
    part,
    parts,
    references,
    basis: basisOf(opened),
    decidedOn: source === SYSTEM_SOURCE && content ? namedBySystem(content.text) : [],
  };
}

const NO_BASIS: Positions = new Map();

function basisOf({ content }: OpenedEntry): Positions {
  const { basis } = (content?.header.decision ?? {}) as { basis?: unknown };
  return (typeof basis === 'string' && parsePositions(basis)) || NO_BASIS;
}

/** The records of sources that a text of the system's own names, each once, in the order of the text. */
export function namedBySystem(text: Buffer): LineageEntry['decidedOn'] {
  if (text.length === 0) return [];
  const found = new Map<string, LineageEntry['decidedOn'][number]>();
  for (const { value } of scanResource(text).references) {
    const record = recordInSource(value);
    if (record) found.set(`${record.source}/${record.type}/${record.id}`, record);
  }
  return [...found.values()];
}

/** Where an entry's submission stands: its entries are contiguous. */
export function referrerOf({ seq, part, parts }: Pick<LineageEntry, 'seq' | 'part' | 'parts'>): Referrer {
  const first = seq - part;
  return { seq, first, last: first + parts - 1 };
}

/** The references in the text that is served for the entry; none for an entry without a text, or one that cannot be read. */
export function readReferences({ envelope, content }: OpenedEntry): NamedRecord[] {
  if (!content || content.text.length === 0) return [];
  const found = new Map<string, NamedRecord>();
  for (const { value, path } of scanResource(servedText(envelope, content.header, content.text)).references) {
    const named = localTarget(value);
    if (!named) continue;
    const isTarget = envelope.type === 'Provenance' && path === 'target';
    const key = `${named.type}/${named.id}/${named.version ?? ''}`;
    const known = found.get(key);
    if (!known) found.set(key, { ...named, isTarget });
    else if (isTarget) known.isTarget = true;
  }
  return [...found.values()];
}

/** Version numbers of ours. */
const VERSION = /^[1-9]\d{0,8}$/;

/** The record of the same source that a reference names; undefined: it names none. */
export function localTarget(reference: string): Omit<NamedRecord, 'isTarget'> | undefined {
  const parsed = parseReference(reference);
  if (parsed.kind !== 'relative') return undefined;
  const { type, id, version } = parsed;
  if (version === undefined) return { type, id, version };
  return VERSION.test(version) ? { type, id, version: Number(version) } : undefined;
}
