import { type RecordNode } from './graph-node.js';
import { type ChainLookups, type VersionEntry } from './graph-lookups.js';
import { recordNode } from './graph-steps.js';
import { referrerOf, type LineageEntry } from './lineage-entry.js';
import { namedVersion } from './named-version.js';

/** A version that the walk has come to, with its entry and the versions around it. */
export interface FoundRecord {
  node: RecordNode;
  entry: LineageEntry;
  /** The version before, itself, the one after, and confirmations, by seq. */
  around: VersionEntry[];
}

/** A version that another one refers to. */
export interface Target {
  from: FoundRecord;
  node: RecordNode;
  /** As the target of a Provenance. Who is that and referred to besides is a target only. */
  isTarget: boolean;
}

export async function findRecords(
  lookups: ChainLookups,
  nodes: readonly RecordNode[],
  confirmations: number,
): Promise<FoundRecord[]> {
  const [entries, around] = await Promise.all([
    lookups.entries(nodes.map(({ seq }) => seq)),
    lookups.versionsAround(nodes, confirmations),
  ]);
  return nodes.map((node, index) => ({ node, entry: entries[index], around: around[index] }));
}

/** The versions that records refer to, by record and in the order of its text. What was not there then is left out. */
export async function targetsOf(lookups: ChainLookups, records: readonly FoundRecord[]): Promise<Target[]> {
  const asked = records.flatMap((from) => from.entry.references.map((reference) => ({ from, reference })));
  if (asked.length === 0) return [];
  const answers = await lookups.versionsMeant(
    asked.map(({ from: { node, entry }, reference: { type, id, version } }) => {
      const { seq, last } = referrerOf(entry);
      return { source: node.source, type, id, at: seq, last, version };
    }),
  );
  const targets = new Map<string, Target>();
  asked.forEach(({ from, reference }, index) => {
    const { type, id, version, isTarget } = reference;
    const named = namedVersion(answers[index], referrerOf(from.entry), version);
    if (!named || named.seq === from.node.seq) return;
    const key = `${from.node.seq} ${named.seq}`;
    const known = targets.get(key);
    if (known) known.isTarget ||= isTarget;
    else {
      const { source } = from.node;
      targets.set(key, { from, node: recordNode(lookups.chain, { source, type, id }, named), isTarget });
    }
  });
  return [...targets.values()];
}
