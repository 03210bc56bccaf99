import { deserialize, serialize } from 'node:v8';
import { FhirError, type Issue } from '@chartledger/platform';
import { type ChangeResult, type Outcome, type Submission } from '../submission.js';

/*
 * A submission on its way from a gateway to the owner of its chain, and the outcome on its way back, in V8's serialization
 * format: buffers, which are most of it, are copied and not printed. Both ends are this program, of the same version.
 */

/** The media type of both. */
export const MESSAGE_TYPE = 'application/vnd.chartledger.submission';

export function encodeSubmission(submission: Submission): Buffer {
  return serialize(submission);
}

/** @throws Error for bytes that are no message. */
export function decodeSubmission(message: Buffer): Submission {
  const submission = deserialize(message) as Submission;
  for (const change of submission.changes) change.text = asBuffer(change.text);
  return submission;
}

/** An error loses its class on the way. */
interface Refused {
  refused: { status: number; issues: readonly Issue[] };
}

export function encodeOutcome({ results, ...rest }: Outcome): Buffer {
  return serialize({
    ...rest,
    results: results.map((result): ChangeResult | Refused =>
      result instanceof FhirError ? { refused: { status: result.status, issues: result.issues } } : result,
    ),
  });
}

export function decodeOutcome(message: Buffer): Outcome {
  const { results, ...rest } = deserialize(message) as Omit<Outcome, 'results'> & {
    results: (Exclude<ChangeResult, FhirError> | Refused)[];
  };
  return {
    ...rest,
    results: results.map((result): ChangeResult => {
      if ('refused' in result) return new FhirError(result.refused.status, result.refused.issues);
      const { received } = result;
      return received ? { ...result, received: { ...received, text: asBuffer(received.text) } } : result;
    }),
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
