import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { FhirError, UnavailableError, type Issue, type Logger } from '@chartledger/platform';
import { type Outcome, type Submission } from '../submission.js';
import { type OwnerDirectory } from './owner-directory.js';
import { decodeOutcome, encodeSubmission, MESSAGE_TYPE } from './submission-message.js';

/** Longer than a takeover by another sequencer, and than Kafka takes to elect a leader at its default settings. */
const PATIENCE_MS = 30_000;
/** Longer than an append may take: one whose outcome comes later is asked for again. */
const ANSWER_MS = 45_000;
/** Between two tries: an owner that starts publishes itself within some hundred milliseconds. */
const PAUSE_MS = 100;

/** What may be answered otherwise by the next try: no owner there, not the owner, too busy, or an unknown outcome. */
const PASSING = new Set([421, 429, 502, 503, 504]);

interface Answer {
  status: number;
  body: Buffer;
}

/**
 * Brings submissions to the owners of their chains, wherever these are. An owner that fails or moves is looked up again and
 * the same submission sent again under its id, by which an owner knows what was recorded before: it is applied once.
 */
export class RemoteSubmit {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(
    private readonly owners: OwnerDirectory,
    private readonly logger: Logger,
  ) {}

  close(): void {
    this.agent.destroy();
  }

  /** @throws FhirError when it is refused; UnavailableError when no owner answered for it in time. */
  async submit(submission: Submission): Promise<Outcome> {
    const { chain } = submission.source;
    // Also the first time: an owner that was thought dead may still have it.
    const message = encodeSubmission({ ...submission, repeatable: true });
    const deadline = performance.now() + PATIENCE_MS;
    do {
      const answer = await this.ask(chain, message).catch((error: Error) => {
        this.logger.warn({ stage: 'sequence', chain, error: error.message }, 'the owner of a chain did not answer');
        return undefined;
      });
      if (answer?.status === 200) return decodeOutcome(answer.body);
      if (answer && !PASSING.has(answer.status)) throw refusal(answer);
      this.owners.forget(chain);
      await delay(PAUSE_MS);
    } while (performance.now() < deadline);
    throw new UnavailableError(
      'no sequencer of this source answered in time, and it is not known whether the change was recorded: send it again with the same Idempotency-Key, or read the record first',
    );
  }

  private async ask(chain: number, message: Buffer): Promise<Answer | undefined> {
    const owner = await this.owners.find(chain);
    if (owner === undefined) return undefined;
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${owner}/internal/chains/${chain}/submissions`,
        {
          agent: this.agent,
          method: 'POST',
          headers: { 'Content-Type': MESSAGE_TYPE, 'Content-Length': message.length },
          timeout: ANSWER_MS,
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => resolve({ status: incoming.statusCode!, body: Buffer.concat(chunks) }));
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error('it did not answer in time')));
      outgoing.on('error', reject);
      outgoing.end(message);
    });
  }
}

function refusal({ status, body }: Answer): FhirError {
  const { issues } = JSON.parse(body.toString('utf8')) as { issues?: Issue[] };
  if (issues) return new FhirError(status, issues);
  return FhirError.of(status, 'processing', 'the change was refused by the sequencer of this source');
}
