import { type RecordNode } from './graph-node.js';
import { type ChainLookups, type VersionEntry } from './graph-lookups.js';
import { findRecords, targetsOf, type FoundRecord } from './graph-references.js';
import { referrersOf } from './graph-referrers.js';
import { recordNode, stepDown, stepUp, submissionOf } from './graph-steps.js';
import { type Step, type Steps } from './graph-walk.js';

/** To the submissions that made or confirmed a version, what it revises, what it refers to, and its Provenance. */
export async function stepsUpFrom(on: ChainLookups, nodes: readonly RecordNode[], limit: number): Promise<Steps> {
  const records = await findRecords(on, nodes, limit + 1);
  const [confirming, targets, provenances] = await Promise.all([
    confirmations(on, records),
    targetsOf(on, records),
    referrersOf(on, records, 'provenance', limit),
  ]);
  const steps = [
    ...records.map(({ node, entry }) => stepUp('contained', submissionOf(on.chain, entry), node, on.chain, node.seq)),
    ...confirming,
    ...records.flatMap(({ node, around }) =>
      versionIn(around, node.version - 1).map((former) =>
        stepUp('revised', recordNode(on.chain, node, former), node, on.chain, node.seq),
      ),
    ),
    ...targets
      .filter(({ isTarget }) => !isTarget)
      .map(({ from, node }) => stepUp('referenced', node, from.node, on.chain, from.node.seq)),
    ...provenances.found.map(({ to, node }) => stepUp('provenance', node, to.node, on.chain, node.seq)),
  ];
  return { steps, more: provenances.more || confirming.length > limit };
}

/** To the next version, what refers to it and, from a Provenance, its targets. */
export async function stepsDownFrom(on: ChainLookups, nodes: readonly RecordNode[], limit: number): Promise<Steps> {
  const records = await findRecords(on, nodes, 0);
  const provenances = records.filter(({ node }) => node.type === 'Provenance');
  const [targets, referring] = await Promise.all([
    targetsOf(on, provenances),
    referrersOf(on, records, 'lineage', limit),
  ]);
  const steps = [
    ...records.flatMap(({ node, around }) =>
      versionIn(around, node.version + 1).map((next) =>
        stepDown('revised', node, recordNode(on.chain, node, next), on.chain, next.seq),
      ),
    ),
    ...targets
      .filter(({ isTarget }) => isTarget)
      .map(({ from, node }) => stepDown('provenance', from.node, node, on.chain, from.node.seq)),
    ...referring.found.map(({ to, node }) => stepDown('referenced', to.node, node, on.chain, node.seq)),
  ];
  return { steps, more: referring.more };
}

/** The submissions that sent a version again as it was. */
async function confirmations(on: ChainLookups, records: readonly FoundRecord[]): Promise<Step[]> {
  const confirming = records.flatMap(({ node, around }) =>
    around.filter(({ isConfirmation }) => isConfirmation).map(({ seq }) => ({ node, seq })),
  );
  const entries = await on.entries(confirming.map(({ seq }) => seq));
  return confirming.map(({ node, seq }, index) =>
    stepUp('confirmed', submissionOf(on.chain, entries[index]), node, on.chain, seq),
  );
}

/** The version with the number, as a list of one or none. */
function versionIn(around: readonly VersionEntry[], number: number): VersionEntry[] {
  return around.filter(({ version, isConfirmation }) => version === number && !isConfirmation);
}
