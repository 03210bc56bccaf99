import { formatPosition, leafHash, recordChange, sha256, type EntryKind } from '@chartledger/ledger';
import { type OpenedEntry } from '@chartledger/projection';
import { type Covering } from './checkpoint-directory.js';
import { readProvenance, targetedVersions, type ProvenanceItem } from './provenance.js';

/** Bytes that can be held against their hash, lower-case hex. */
export interface Digest {
  sha256: string;
  bytes: number;
}

/** One entry of a record's custody: a version, its deletion, or a confirmation that the same content came again. */
export interface LineageVersion {
  version: number;
  kind: EntryKind;
  position: string;
  time: string;
  submission: string;
  part: number;
  parts: number;
  actor: string;
  prev: string;
  /** Leaf hash of the envelope: what the chain and the tree hold. */
  leaf: string;
  /** The stored, encrypted bytes. */
  payload: Digest;
  /** The bytes as the source sent them. Null for a deletion and a confirmation, and when the data key was destroyed. */
  received: Digest | null;
  /** Null when the data key was destroyed. */
  request: { method: string; url: string } | null;
  /** The Provenance resources that name this version and hold at the position asked for, oldest first. */
  provenance: ProvenanceItem[];
  /** The first checkpoint that covers the entry; null until one is signed. */
  checkpoint: Covering | null;
}

export interface RecordLineage {
  record: { source: string; type: string; id: string };
  /** Chain to seq. */
  asOf: Record<string, number>;
  versions: LineageVersion[];
}

/**
 * Where a record came from, and what became of it. Pure.
 * @param custody the record's entries, oldest first.
 * @param provenances the Provenance versions that may target it, oldest first.
 * @param checkpoints one for each entry of `custody`.
 */
export function recordLineage(
  record: RecordLineage['record'],
  standing: { chain: number; position: number },
  custody: readonly OpenedEntry[],
  provenances: readonly OpenedEntry[],
  checkpoints: readonly (Covering | undefined)[],
): RecordLineage {
  const named = provenanceByVersion(record, custody, provenances);
  return {
    record,
    asOf: { [standing.chain]: standing.position },
    versions: custody.map((entry, index) => ({
      ...versionOf(entry),
      provenance: (isConfirmation(entry) ? undefined : named.get(entry.envelope.version)) ?? [],
      checkpoint: checkpoints[index] ?? null,
    })),
  };
}

function provenanceByVersion(
  record: RecordLineage['record'],
  custody: readonly OpenedEntry[],
  provenances: readonly OpenedEntry[],
): Map<number, ProvenanceItem[]> {
  const versions = custody
    .filter((entry) => !isConfirmation(entry))
    .map(({ stored, envelope }) => ({ version: envelope.version, seq: stored.seq }));
  const named = new Map<number, ProvenanceItem[]>();
  for (const entry of provenances) {
    const provenance = readProvenance(entry);
    if (!provenance) continue;
    for (const version of targetedVersions(provenance, record, versions)) {
      const items = named.get(version);
      if (items) items.push(provenance.item);
      else named.set(version, [provenance.item]);
    }
  }
  return named;
}

function versionOf({ stored, envelope, content }: OpenedEntry): Omit<LineageVersion, 'provenance' | 'checkpoint'> {
  const { version, kind, time, submission, part, parts, actor, prev, payload } = envelope;
  const change = recordChange(envelope);
  const hasBody = change === 'create' || change === 'update';
  return {
    version,
    kind,
    position: formatPosition(stored.chain, stored.seq),
    time,
    submission,
    part,
    parts,
    actor,
    prev,
    leaf: leafHash(stored.envelope).toString('hex'),
    payload: { sha256: payload.sha256, bytes: payload.bytes },
    received: content && hasBody ? { sha256: sha256(content.text).toString('hex'), bytes: content.text.length } : null,
    request: content ? { method: content.header.method, url: content.header.url } : null,
  };
}

function isConfirmation({ envelope }: OpenedEntry): boolean {
  return envelope.kind === 'fhir.confirm';
}
