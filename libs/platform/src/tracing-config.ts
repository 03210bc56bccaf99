import { ConfigurationError } from './errors.js';

/** Where traces go, in the variables of OpenTelemetry. */
export interface TracingConfig {
  /** OTLP over HTTP, without the path `/v1/traces`. */
  endpoint: string;
  /** Of requests that come without a trace of their own, the share that is traced: 0 to 1. */
  ratio: number;
}

const DEFAULT_RATIO = '1';
const RATIO = /^(0(\.\d+)?|1(\.0+)?)$/;

/** Undefined where no endpoint is named: nothing is traced, and the SDK is not loaded. @throws ConfigurationError. */
export function readTracingConfig(env: NodeJS.ProcessEnv): TracingConfig | undefined {
  const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (!endpoint) return undefined;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw new ConfigurationError(
      'OTEL_EXPORTER_OTLP_ENDPOINT must be the http or https URL of a collector, such as http://127.0.0.1:4318',
    );
  }
  const ratio = env['OTEL_TRACES_SAMPLER_ARG'] || DEFAULT_RATIO;
  if (!RATIO.test(ratio)) {
    throw new ConfigurationError(
      `OTEL_TRACES_SAMPLER_ARG is ${ratio}: it must be the share of requests to trace, from 0 to 1`,
    );
  }
  return { endpoint: endpoint.replace(/\/$/, ''), ratio: Number(ratio) };
}

/** As variables. A collector's URL may carry a password. */
export function describeTracing(tracing: TracingConfig | undefined): Record<string, string> {
  if (!tracing) return { OTEL_EXPORTER_OTLP_ENDPOINT: '(none: nothing is traced)' };
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: tracing.endpoint.replace(/\/\/[^@/]*@/, '//***@'),
    OTEL_TRACES_SAMPLER_ARG: String(tracing.ratio),
  };
}
