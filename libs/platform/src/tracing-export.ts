import { type Logger } from './logger.js';
import { type TracingConfig } from './tracing-config.js';
import { traceWith } from './tracing.js';

/** Of one batch at exit: a collector that is gone must not hold up the stop. */
const LAST_EXPORT_MS = 2_000;
/** Larger than the default of 2,048: a queue that overflows drops spans, and a busy second has some thousand. */
const MAX_QUEUE_SPANS = 8_192;

/**
 * Sends the process's spans to a collector from now on; without a configuration, does nothing and loads nothing. What
 * cannot be sent is dropped: nothing waits for a collector. Resolves to what sends the rest and stops.
 * @param service the role: `chartledger`, `chartledger-gateway`, …
 */
export async function startTracing(
  config: TracingConfig | undefined,
  service: string,
  logger: Logger,
): Promise<() => Promise<void>> {
  if (!config) return async () => undefined;
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${config.endpoint}/v1/traces` });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.instance.id': String(process.pid) }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(config.ratio) }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({ exporter, maxQueueSize: MAX_QUEUE_SPANS, exportTimeoutMillis: LAST_EXPORT_MS }),
    ],
  });
  traceWith(provider.getTracer('chartledger'));
  return async () => {
    traceWith(undefined);
    await provider.shutdown().catch((error: Error) => {
      logger.warn({ error: error.message }, 'the last spans could not be sent to the collector');
    });
  };
}
