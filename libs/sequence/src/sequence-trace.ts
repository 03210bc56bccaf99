import { type Head, type LinkedEntry } from '@chartledger/ledger';
import { extract, isSampled, isTracing, startSpan, type Span } from '@chartledger/platform';
import { type Submission } from './submission.js';

/** The span of a submission from the queue to its answer, where its request is traced. */
export function traceSubmission(chain: number, { id, changes, traceparent }: Submission): Span | undefined {
  if (!isTracing()) return undefined;
  const parent = extract(traceparent);
  if (!isSampled(parent)) return undefined;
  return startSpan('sequence', {
    parent,
    attributes: {
      'chartledger.chain': chain,
      'chartledger.submission': id,
      'chartledger.changes': changes.length,
    },
  });
}

/**
 * The span of a group, where one of its submissions is traced: below the first of these, linked to the others. They are
 * linked back to it, so that from each the group is found.
 */
export function traceGroup(chain: number, members: readonly { span?: Span | undefined }[]): Span | undefined {
  if (!isTracing()) return undefined;
  const traced = members.flatMap(({ span }) => (span ? [span] : []));
  if (traced.length === 0) return undefined;
  const [first, ...others] = traced.map((span) => span.spanContext());
  const group = startSpan('sequence group', {
    parent: first,
    links: others,
    attributes: { 'chartledger.chain': chain, 'chartledger.submissions': members.length },
  });
  if (group) for (const span of traced.slice(1)) span.addLink({ context: group.spanContext() });
  return group;
}

/** The span of an append, below that of its group; a group of refusals appends nothing. */
export function traceAppend(group: {
  span: Span | undefined;
  head: Head;
  entries: readonly LinkedEntry[];
}): Span | undefined {
  if (!group.span || group.entries.length === 0) return undefined;
  return startSpan('append', {
    parent: group.span.spanContext(),
    attributes: {
      'chartledger.chain': group.head.chain,
      'chartledger.from': group.head.seq + 1,
      'chartledger.entries': group.entries.length,
    },
  });
}
