import { type Evaluated } from './evaluator.js';

export interface WorkerRequest {
  id: number;
  key: string;
  /** JSON of the definition, where the thread does not know the key. */
  definition?: string;
  subjects: { bytes: Uint8Array<ArrayBuffer>; ends: number[]; sources: number[] }[];
}

export interface WorkerAnswer {
  id: number;
  evaluated?: Evaluated[];
  error?: { library: string; expression: string; locator: string | undefined } | { message: string };
}
