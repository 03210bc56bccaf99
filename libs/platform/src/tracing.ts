import {
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Span,
  type SpanContext,
  type SpanKind,
  type Tracer,
} from '@opentelemetry/api';

/** What a span says beside its name. Values MUST NOT be health information: positions, counts, submission ids and codes only. */
export interface SpanDetails {
  /** What it is a part of: of this process, or from a `traceparent`. None: the span begins a trace. */
  parent?: SpanContext | undefined;
  /** What else it comes from: a group of submissions, or a batch of groups, has many parents. */
  links?: readonly SpanContext[];
  attributes?: Attributes;
  kind?: SpanKind;
}

/** The spans of a request and of what it causes. Two words where a stage has more than one. */
export type SpanName = 'ingest' | 'ingest prepare' | 'sequence' | 'sequence group' | 'append' | 'project' | 'query';

/** W3C Trace Context. A later version may have more behind, which is left out. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

let tracer: Tracer | undefined;

/** Traces with `used` from now on; undefined: not at all, which costs one comparison a span. */
export function traceWith(used: Tracer | undefined): void {
  tracer = used;
}

/** Whether anything is traced: for what would cost something to find out for a span. */
export function isTracing(): boolean {
  return tracer !== undefined;
}

/**
 * Starts a span; the caller ends it. Undefined where nothing is traced, or not this: then there is nothing to end, and what
 * would be below it has no parent and is not to be started.
 */
export function startSpan(
  name: SpanName,
  { parent, links = [], attributes, kind }: SpanDetails = {},
): Span | undefined {
  if (!tracer) return undefined;
  const context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
  const span = tracer.startSpan(name, { attributes, kind, links: links.map((context) => ({ context })) }, context);
  return span.isRecording() ? span : undefined;
}

/** Ends a span that did not come to what it was for. `code` is one of ours, never a text from outside. */
export function failSpan(span: Span | undefined, code: string): void {
  span?.setStatus({ code: SpanStatusCode.ERROR, message: code });
  span?.end();
}

/** The `traceparent` by which another process goes on below the span; undefined without one. */
export function inject(span: Span | undefined): string | undefined {
  if (!span) return undefined;
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The span that a `traceparent` names; undefined where there is none, or none that is valid. */
export function extract(traceparent: string | string[] | undefined): SpanContext | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined) return undefined;
  const traceFlags = parseInt(flags, 16) & TraceFlags.SAMPLED;
  const context = { traceId, spanId, traceFlags, isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

/** Where the parent wants to be traced: what has many parents, or begins none, starts only then. */
export function isSampled(context: SpanContext | undefined): context is SpanContext {
  return context !== undefined && (context.traceFlags & TraceFlags.SAMPLED) !== 0;
}

export { SpanKind, type Span, type SpanContext } from '@opentelemetry/api';
