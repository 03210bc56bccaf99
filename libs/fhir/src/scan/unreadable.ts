import { type Finding, type FindingCode } from './finding.js';

/** Ends a scan: the text is not JSON that FHIR can carry. Becomes a fatal finding. */
export class Unreadable extends Error {
  constructor(
    /** The byte where the trouble is. */
    readonly at: number,
    message: string,
    readonly code: FindingCode = 'structure',
  ) {
    super(message);
  }
}

const LINE_FEED = 0x0a;

export function fatalFinding(text: Uint8Array, { at, message, code }: Unreadable, expression: string): Finding {
  const place = Math.min(at, text.length);
  let line = 1;
  for (let index = 0; index < place; index++) if (text[index] === LINE_FEED) line++;
  return { severity: 'fatal', code, expression, message: `${message} (byte ${place}, line ${line}).` };
}
