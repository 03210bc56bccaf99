import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { type RecordNode } from './graph-node.js';
import { type ChainLookups, type GraphLookups, type RecordName, type VersionEntry } from './graph-lookups.js';
import { recordNode, stepDown, stepUp } from './graph-steps.js';
import { type Step, type Steps } from './graph-walk.js';
import { type LineageEntry } from './lineage-entry.js';

/** Entries that are opened at once, as for references. */
const PAGE = 500;

/**
 * From versions of the system's records up to what they were decided on: of each record of a source that the text names,
 * the version that held at the position which the decision stands on.
 */
export async function basisOf(lookups: GraphLookups, on: ChainLookups, nodes: readonly RecordNode[]): Promise<Steps> {
  const entries = await on.entries(nodes.map(({ seq }) => seq));
  const asked = await Promise.all(
    nodes.flatMap((node, index) =>
      entries[index].decidedOn.map(async (record) => {
        const chain = await lookups.chainOf(record.source);
        const at = chain === undefined ? undefined : entries[index].basis.get(chain);
        return { node, record, chain, at };
      }),
    ),
  );
  const steps: Step[] = [];
  for (const chain of new Set(asked.map((one) => one.chain))) {
    if (chain === undefined || !lookups.chains.includes(chain)) continue;
    const there = asked.filter((one) => one.chain === chain && one.at !== undefined && one.at >= 0);
    const source = await lookups.on(chain);
    const found = await source.versionsMeant(
      there.map(({ record, at }) => ({ ...record, at: at!, last: at!, version: undefined })),
    );
    there.forEach(({ node, record, at }, index) => {
      const held = found[index].findLast(({ seq, isConfirmation }) => seq <= at! && !isConfirmation);
      if (held) steps.push(stepUp('basis', recordNode(chain, record, held), node, SYSTEM_CHAIN, node.seq));
    });
  }
  return { steps, more: false };
}

/** From versions of sources' records down to the system's decisions that stand on them. */
export async function decisionsOn(
  lookups: GraphLookups,
  from: ChainLookups,
  nodes: readonly RecordNode[],
  limit: number,
): Promise<Steps> {
  if (!lookups.chains.includes(SYSTEM_CHAIN)) return { steps: [], more: false };
  const system = await lookups.on(SYSTEM_CHAIN);
  const around = await from.versionsAround(nodes, 0);
  const steps: Step[] = [];
  let asked = nodes.map((node, index) => ({ node, until: nextOf(node, around[index]), first: 0 }));
  while (asked.length > 0) {
    const page = await system.pointersTo(
      asked.map(({ node, first }) => ({
        kind: 'lineage',
        source: node.source,
        record: `${node.type}/${node.id}`,
        first,
        last: system.position,
      })),
      PAGE,
    );
    const entries = await system.entries(page.map(({ seq }) => seq));
    entries.forEach((entry, index) => {
      const { node, until } = asked[page[index].question];
      const at = entry.basis.get(from.chain);
      if (at === undefined || at < node.seq || at >= until || !names(entry, node)) return;
      steps.push(stepDown('basis', node, recordNode(SYSTEM_CHAIN, entry, entry), SYSTEM_CHAIN, entry.seq));
    });
    const last = page.at(-1);
    if (!last || page.length < PAGE) break;
    if (steps.length > limit) return { steps: steps.slice(0, limit), more: true };
    const [next, ...rest] = asked.slice(last.question);
    asked = [{ ...next, first: last.seq + 1 }, ...rest];
  }
  return { steps, more: false };
}

/** Where the version ends. */
function nextOf({ version }: RecordNode, around: readonly VersionEntry[]): number {
  return around.find((other) => other.version === version + 1 && !other.isConfirmation)?.seq ?? Infinity;
}

function names(entry: LineageEntry, { source, type, id }: RecordName): entry is LineageEntry & { id: string } {
  if (entry.id === undefined) return false;
  return entry.decidedOn.some((record) => record.source === source && record.type === type && record.id === id);
}
