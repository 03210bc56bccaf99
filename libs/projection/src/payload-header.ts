/**
 * What stands beside the resource text in a payload: how it came and what we resolved in it. The text itself is kept as
 * it was sent; `splice` makes the text that is served from the two.
 */
export interface PayloadHeader {
  method: 'POST' | 'PUT' | 'DELETE';
  /** The request's URL relative to the source's base, as it was sent. */
  url: string;
  /** The logical id of the record. */
  id: string;
  requestId: string;
  /** Index of the entry in its Bundle. */
  index?: number;
  fullUrl?: string;
  ifMatch?: string;
  ifNoneMatch?: string;
  ifNoneExist?: string;
  /** For a confirmation: the time of the version that was sent again, as a FHIR instant. */
  confirms?: string;
  /** What a decision of the system's own stands on: positions, model, weights, reasons. */
  decision?: object;
  /** Byte range of the JSON string literal in the received text, quotes included, and what the reference resolved to. */
  references?: [start: number, length: number, value: string][];
  /** What validation found in a record that its source's policy `record` let in. */
  findings?: { code: string; expression: string; message: string }[];
}

const LINE_END = 0x0a;

/** The first line of a payload, with its line end. */
export function encodeHeader(header: PayloadHeader): Buffer {
  return Buffer.from(`${JSON.stringify(header)}\n`);
}

/** Splits an opened payload into its header and the text as it was received. @throws SyntaxError when there is no header. */
export function splitPayload(payload: Buffer): { header: PayloadHeader; text: Buffer } {
  const end = payload.indexOf(LINE_END);
  if (end === -1) throw new SyntaxError('the payload has no header line');
  return { header: JSON.parse(payload.toString('utf8', 0, end)) as PayloadHeader, text: payload.subarray(end + 1) };
}
