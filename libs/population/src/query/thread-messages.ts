import { ChartledgerError, FhirError, type Issue } from '@chartledger/platform';
import { type Population } from './population.js';

/** A call from the thread that serves to the one that keeps the views. */
export interface Call {
  id: number;
  method: keyof Population;
  args: unknown[];
}

export type ToThread = Call | { stop: true };

export type FromThread = { id: number; value: unknown } | { id: number; error: ThrownError } | { stopped: true };

/** An error as it crosses threads: what the caller can act on stays as it was. */
export interface ThrownError {
  message: string;
  status?: number;
  code?: string;
  issues?: readonly Issue[];
}

export function toThrown(error: unknown): ThrownError {
  if (error instanceof FhirError) return { message: error.message, status: error.status, issues: error.issues };
  if (error instanceof ChartledgerError) return { message: error.message, status: error.status, code: error.code };
  return { message: (error as Error).message };
}

export function fromThrown({ message, status, code, issues }: ThrownError): Error {
  if (status !== undefined && issues) return new FhirError(status, issues);
  if (status !== undefined && code !== undefined) return new ChartledgerError(code, status, message);
  return new Error(message);
}
