import { type Response } from 'express';

/** An HTTP answer before it is written. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** Undefined: no body. */
  body?: Buffer | string;
}

export const FHIR_JSON = 'application/fhir+json; charset=utf-8';
export const JSON_TYPE = 'application/json; charset=utf-8';
/** Where in the ledger a change stands, or the view that a read was answered from. */
export const POSITION_HEADER = 'Chartledger-Position';

export function send(response: Response, { status, headers, body }: Answer): void {
  response.status(status);
  for (const name in headers) response.setHeader(name, headers[name]);
  if (body === undefined) {
    response.end();
    return;
  }
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
}
