import { type NextFunction, type Request, type Response } from 'express';
import { type Metrics } from '../metrics.js';
import { extract, failSpan, inject, SpanKind, startSpan } from '../tracing.js';
import { isQuestion, isRead, isServed } from './questions.js';
import { requestIdOf } from './request-id.js';

/**
 * Measures and traces every request of the stages ingest and query, whatever becomes of it. MUST stand behind `requestId`
 * and before the body parser. A `traceparent` that the request carries afterwards names the span of the request here.
 */
export function observeRequests(metrics: Metrics): (request: Request, response: Response, next: NextFunction) => void {
  return (request, response, next) => {
    if (!isServed(request.originalUrl)) {
      next();
      return;
    }
    // Who asks a gateway for the sources asks too.
    const isAsked = isRead(request.method) || isQuestion(request.method, request.originalUrl);
    const stage = isAsked ? 'query' : 'ingest';
    const startedMs = performance.now();
    const span = startSpan(stage, {
      parent: extract(request.headers['traceparent']),
      kind: SpanKind.SERVER,
      attributes: { 'http.request.method': request.method, 'chartledger.request_id': requestIdOf(request) },
    });
    if (span) request.headers['traceparent'] = inject(span);
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : undefined;
      metrics.requestSeconds.observe(
        { stage, status: status === undefined ? 'aborted' : String(status) },
        (performance.now() - startedMs) / 1000,
      );
      if (stage === 'ingest') observeIngest(metrics, status, Number(request.headers['content-length']));
      if (status !== undefined) span?.setAttribute('http.response.status_code', status);
      if (status === undefined || status >= 500) failSpan(span, status === undefined ? 'aborted' : 'failed');
      else span?.end();
    });
    next();
  };
}

function observeIngest(metrics: Metrics, status: number | undefined, bytes: number): void {
  metrics.ingestRequests.inc({ outcome: outcomeOf(status) });
  if (Number.isFinite(bytes)) metrics.ingestBodyBytes.observe(bytes);
}

function outcomeOf(status: number | undefined): string {
  if (status === undefined) return 'aborted';
  if (status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'accepted';
}
