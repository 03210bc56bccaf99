import { isTracing, startSpan, type Span, type SpanContext } from '@chartledger/platform';
import { type ProjectedEntry } from './projection.port.js';

/** Submissions that a span names: enough to find one in the small batches of a quiet hour. */
const NAMED_SUBMISSIONS = 32;

/**
 * The span of a batch that a view writes. It goes on below the first group in it and is linked to the others; what another
 * process appended is known by its submissions' ids, and begins a trace.
 */
export function traceBatch(view: string, chain: number, entries: readonly ProjectedEntry[]): Span | undefined {
  if (!isTracing()) return undefined;
  const groups: SpanContext[] = [];
  const submissions = new Set<string>();
  for (const { trace, envelope } of entries) {
    if (trace) groups.push(trace);
    if (submissions.size < NAMED_SUBMISSIONS) submissions.add(envelope.submission);
  }
  return startSpan('project', {
    parent: groups[0],
    links: groups.slice(1),
    attributes: {
      'chartledger.view': view,
      'chartledger.chain': chain,
      'chartledger.from': entries[0].seq,
      'chartledger.entries': entries.length,
      'chartledger.submission': [...submissions],
    },
  });
}
