import { readFileSync } from 'node:fs';
import { type Finding } from '../finding.js';

/** A case of libs/fhir/src/scan/cases: a text and what a scan finds in it, for any implementation. */
export interface Case {
  readonly name: string;
  /** The text: as it is, as bytes, or as a JSON value to be written without whitespace. */
  readonly text?: string;
  readonly base64?: string;
  readonly json?: unknown;
  /** The type that the request is for. */
  readonly type?: string;
  readonly findings: readonly Pick<Finding, 'severity' | 'code' | 'expression'>[];
}

export function readCases<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as T;
}

export function textOf({ text, base64, json }: Case): Buffer {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  return Buffer.from(text ?? JSON.stringify(json));
}

/** A finding without its message. */
export function place({ severity, code, expression }: Finding): Pick<Finding, 'severity' | 'code' | 'expression'> {
  return { severity, code, expression };
}
