import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { type Actor } from '@chartledger/platform';
import { basisOf, decisionsOn } from './graph-decisions.js';
import { type Way } from './graph.js';
import { type ClientNode, type GraphNode, type RecordNode, type SubmissionNode } from './graph-node.js';
import { type ChainLookups, type GraphLookups } from './graph-lookups.js';
import { stepsDownFrom, stepsUpFrom } from './graph-record-steps.js';
import { clientOf, recordNode, stepDown, stepUp, submissionOf } from './graph-steps.js';
import { evaluatedFor, reportsOn } from './graph-reports.js';
import { type ReportLookups } from './report-lookups.js';
import { type Expand, type Step, type Steps } from './graph-walk.js';

/** The steps of the walk over a ledger: clients, submissions, the versions of records, and the reports made of them. */
export function expandBy(lookups: GraphLookups, actor: Actor, reports: ReportLookups): Expand {
  return async (nodes, way, limit) => {
    const parts: Steps[] = [await fromClients(lookups, nodes.filter(isClient), way, limit)];
    for (const [chain, members] of byChain(nodes)) {
      const on = await lookups.on(chain);
      const submissions = members.filter((node) => node.kind === 'submission');
      const records = members.filter((node) => node.kind === 'record');
      if (submissions.length > 0) parts.push(await fromSubmissions(on, submissions, way, limit));
      if (records.length === 0) continue;
      parts.push(await (way === 'up' ? stepsUpFrom : stepsDownFrom)(on, records, limit));
      if (way === 'up' && chain === SYSTEM_CHAIN) {
        parts.push(await basisOf(lookups, on, records));
        parts.push(await evaluatedFor(actor, lookups, reports, records, limit));
      }
      if (way === 'down' && chain !== SYSTEM_CHAIN) {
        parts.push(await decisionsOn(lookups, on, records, limit));
        parts.push(await reportsOn(actor, lookups, reports, records, limit));
      }
    }
    return { steps: parts.flatMap(({ steps }) => steps), more: parts.some(({ more }) => more) };
  };
}

async function fromClients(
  lookups: GraphLookups,
  clients: readonly ClientNode[],
  way: Way,
  limit: number,
): Promise<Steps> {
  const steps: Step[] = [];
  let more = false;
  if (way === 'up') return { steps, more };
  for (const node of clients) {
    for (const chain of lookups.chains) {
      const entries = await (await lookups.on(chain)).submissionsOf(node.client, limit + 1);
      more ||= entries.length > limit;
      for (const entry of entries) {
        const submission = submissionOf(chain, entry);
        steps.push(stepDown('sent', node, submission, chain, submission.first));
      }
    }
  }
  return { steps, more };
}

async function fromSubmissions(
  on: ChainLookups,
  submissions: readonly SubmissionNode[],
  way: Way,
  limit: number,
): Promise<Steps> {
  if (way === 'up') {
    const steps = submissions.map((node) => stepUp('sent', clientOf(node), node, on.chain, node.first));
    return { steps, more: false };
  }
  const contained = await on.versionsIn(submissions, limit + 1);
  const steps = contained.map((version) => {
    const kind = version.isConfirmation ? 'confirmed' : 'contained';
    return stepDown(kind, submissions[version.question], recordNode(on.chain, version, version), on.chain, version.at);
  });
  return { steps, more: contained.length > limit };
}

function byChain(nodes: readonly GraphNode[]): Map<number, (SubmissionNode | RecordNode)[]> {
  const groups = new Map<number, (SubmissionNode | RecordNode)[]>();
  for (const node of nodes) {
    if (node.kind === 'client') continue;
    const group = groups.get(node.chain);
    if (group) group.push(node);
    else groups.set(node.chain, [node]);
  }
  return groups;
}

function isClient(node: GraphNode): node is ClientNode {
  return node.kind === 'client';
}
