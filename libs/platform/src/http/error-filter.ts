import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { ChartledgerError, FhirError, type Issue } from '../errors.js';
import { type Logger } from '../logger.js';
import { FHIR_JSON, POSITION_HEADER, send } from './answer.js';
import { requestIdOf } from './request-id.js';

interface Failure {
  status: number;
  code: string;
  issues: readonly Issue[];
  /** The position of the view that the answer stands on, where there is one. */
  position?: string;
}

/**
 * Maps every error to HTTP in one place: an OperationOutcome under /fhir, an RFC 9457 problem document elsewhere. What is
 * not one of our errors is a 500 that says nothing but the request's id; the log has the rest.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const failure = this.failureOf(error, request);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const isFhir = request.originalUrl.startsWith('/fhir');
    send(response, {
      status: failure.status,
      headers: {
        'Content-Type': isFhir ? FHIR_JSON : 'application/problem+json; charset=utf-8',
        ...(failure.position ? { [POSITION_HEADER]: failure.position } : {}),
      },
      body: JSON.stringify(isFhir ? operationOutcome(failure.issues) : problem(failure)),
    });
  }

  private failureOf(error: unknown, request: Request): Failure {
    if (error instanceof FhirError) return { status: error.status, code: error.code, issues: error.issues };
    if (error instanceof ChartledgerError) {
      const position = (error as { position?: string }).position;
      return {
        ...single(error.status, error.code, error.message),
        ...(typeof position === 'string' ? { position } : {}),
      };
    }
    const status = error instanceof HttpException ? error.getStatus() : bodyErrorStatus(error);
    if (status !== undefined && status < 500)
      return single(status, CODES[status] ?? 'invalid', MESSAGES[status] ?? 'the request cannot be read');
    const { message, stack } = error as Error;
    this.logger.error({ requestId: requestIdOf(request), error: message, stack }, 'a request failed');
    return single(
      500,
      'exception',
      `the request failed here; the log names the reason under the request id ${requestIdOf(request)}`,
    );
  }
}

const CODES: Readonly<Record<number, string>> = {
  404: 'not-found',
  405: 'not-supported',
  413: 'too-long',
  415: 'not-supported',
};

const MESSAGES: Readonly<Record<number, string>> = {
  404: 'there is nothing at this URL',
  405: 'this method is not supported at this URL',
  413: 'the body is larger than this server takes: send smaller Bundles, or raise CHARTLEDGER_MAX_BODY_BYTES',
  415: 'the Content-Encoding is not supported: send gzip, deflate, br or none',
};

/** Errors of body-parser carry a status and never a text of ours. */
function bodyErrorStatus(error: unknown): number | undefined {
  const status = (error as { status?: unknown }).status;
  return typeof status === 'number' ? status : undefined;
}

function single(status: number, code: string, diagnostics: string): Failure {
  return { status, code, issues: [{ severity: 'error', code, diagnostics }] };
}

export function operationOutcome(issues: readonly Issue[]): object {
  return { resourceType: 'OperationOutcome', issue: issues };
}

/** RFC 9457. */
function problem({ status, code, issues }: Failure): object {
  return { type: 'about:blank', title: code, status, detail: issues[0].diagnostics };
}
