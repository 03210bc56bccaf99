import { failSpan, FhirError, type Metrics, type Span } from '@chartledger/platform';
import { traceSubmission } from './sequence-trace.js';
import { type Outcome, type Submission } from './submission.js';

/** A submission in the queue of a chain, and whom it answers. */
export interface Waiting {
  submission: Submission;
  resolve: (outcome: Outcome) => void;
  reject: (error: Error) => void;
  span: Span | undefined;
}

/** Whatever becomes of the submission is measured, and ends its span. */
export function awaited(
  { sequenceSeconds, sequenceSubmissions }: Metrics,
  chain: number,
  submission: Submission,
  resolve: Waiting['resolve'],
  reject: Waiting['reject'],
): Waiting {
  const labels = { chain: String(chain) };
  const observeSeconds = sequenceSeconds.startTimer(labels);
  const span = traceSubmission(chain, submission);
  const end = (outcome: string): void => {
    observeSeconds();
    sequenceSubmissions.inc({ ...labels, outcome });
  };
  return {
    submission,
    span,
    resolve: (outcome) => {
      end(outcome.repeated ? 'repeated' : 'accepted');
      span?.setAttribute('chartledger.position', `${chain}:${outcome.seq}`).end();
      resolve(outcome);
    },
    reject: (error) => {
      const outcome = error instanceof FhirError ? 'refused' : 'failed';
      end(outcome);
      failSpan(span, outcome);
      reject(error);
    },
  };
}
