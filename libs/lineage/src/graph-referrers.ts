import { type RecordNode } from './graph-node.js';
import { type ChainLookups, type PointerQuestion } from './graph-lookups.js';
import { type FoundRecord } from './graph-references.js';
import { recordNode } from './graph-steps.js';
import { referrerOf, type LineageEntry } from './lineage-entry.js';
import { namedVersion } from './named-version.js';

/** A version that refers to one that the walk has come to. */
export interface Referring {
  to: FoundRecord;
  node: RecordNode;
}

/** Entries that are opened at once: what an index finds names a record, and only its text says which version. */
const PAGE = 500;

/**
 * The versions that refer to records, by record and seq: as Provenance with the record as a target, or (`lineage`) in any
 * other way. `more` when there are more than `limit`.
 */
export async function referrersOf(
  lookups: ChainLookups,
  records: readonly FoundRecord[],
  kind: PointerQuestion['kind'],
  limit: number,
): Promise<{ found: Referring[]; more: boolean }> {
  const found: Referring[] = [];
  let asked = records.flatMap((to) => questionsOf(lookups, to, kind).map((question) => ({ to, question })));
  while (asked.length > 0) {
    const page = await lookups.pointersTo(
      asked.map(({ question }) => question),
      PAGE,
    );
    const entries = await lookups.entries(page.map(({ seq }) => seq));
    for (const [index, entry] of entries.entries()) {
      const { to } = asked[page[index].question];
      if (refers(entry, to, kind)) found.push({ to, node: recordNode(lookups.chain, entry, entry) });
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) break;
    if (found.length > limit) return { found: found.slice(0, limit), more: true };
    const [{ to, question }, ...rest] = asked.slice(last.question);
    asked = [{ to, question: { ...question, first: last.seq + 1 } }, ...rest];
  }
  return { found, more: false };
}

/**
 * Where entries that name the version can stand. A reference without a version means the version of its own submission,
 * or the current one: it stands between the begin of the version's submission and the next version. One that names the
 * version, as a Provenance may at any time, can stand anywhere later.
 */
function questionsOf(
  { position }: ChainLookups,
  { node, entry, around }: FoundRecord,
  kind: PointerQuestion['kind'],
): PointerQuestion[] {
  const { source, type, id, version } = node;
  const record = `${type}/${id}`;
  const { first } = referrerOf(entry);
  if (kind === 'provenance') return [{ kind, source, record, first, last: position }];
  const next = around.find((other) => other.version === version + 1 && !other.isConfirmation);
  return [
    { kind, source, record, first, last: next ? next.seq - 1 : position },
    { kind, source, record: `${record}/_history/${version}`, first, last: position },
  ];
}

function refers(
  entry: LineageEntry,
  { node, around }: FoundRecord,
  kind: PointerQuestion['kind'],
): entry is LineageEntry & { id: string } {
  if (entry.id === undefined || entry.seq === node.seq) return false;
  const versions = around.filter(({ isConfirmation }) => !isConfirmation);
  const naming = entry.references.filter(
    ({ type, id, version }) =>
      type === node.type &&
      id === node.id &&
      namedVersion(versions, referrerOf(entry), version)?.version === node.version,
  );
  const isTarget = naming.some((reference) => reference.isTarget);
  return naming.length > 0 && isTarget === (kind === 'provenance');
}
