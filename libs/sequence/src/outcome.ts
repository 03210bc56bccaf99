import { type LinkedEntry } from '@chartledger/ledger';
import { FhirError } from '@chartledger/platform';
import { type OpenedEntry } from '@chartledger/projection';
import { type Ruling, type Verdict } from './decide.js';
import { type Accepted, type ChangeResult, type Outcome, type Submission } from './submission.js';

/** The answer to a submission whose entries are durable. `offset`: where they begin among `entries`; `last`: the chain's head. */
export function outcomeOf(
  submission: Submission,
  { verdicts, decisions }: Ruling,
  entries: readonly LinkedEntry[],
  offset: number,
  last: number,
): Outcome {
  const results = verdicts.map((verdict, index) => resultOf(submission.changes[index].type, verdict, entries, offset));
  return { results, seq: decisions.length > 0 ? entries[offset + decisions.length - 1].seq : last, repeated: false };
}

function resultOf(type: string, verdict: Verdict, entries: readonly LinkedEntry[], offset: number): ChangeResult {
  if ('refused' in verdict) return verdict.refused;
  const { status } = verdict;
  if ('existing' in verdict) {
    const { id, version, time } = verdict.existing;
    return { status, type, id, version, lastModified: new Date(time).toISOString(), received: undefined };
  }
  const { decision, confirms } = verdict;
  const { header, text, context } = decision;
  const lastModified = confirms ? header.confirms! : entries[offset + verdict.offset].fields.time;
  return {
    status,
    type,
    id: header.id,
    version: context.version,
    lastModified,
    received: confirms ?? { header, text },
  };
}

/**
 * The answer to a submission that was accepted before, made from its entries. A change that left no entry then (it was
 * refused in a batch, or found its record) is answered by what is known now: nothing was recorded for it.
 */
export function repeatedOutcome(submission: Submission, entries: readonly OpenedEntry[]): Outcome {
  const byIndex = new Map(entries.map((entry) => [entry.content?.header.index, entry]));
  const results = submission.changes.map((change): ChangeResult => {
    const entry = byIndex.get(change.index);
    if (entry?.content) return acceptedAs(entry, entry.content);
    return FhirError.of(
      409,
      'duplicate',
      'this submission was accepted before, without this entry: send the entry again by itself if it is still wanted',
    );
  });
  return { results, seq: entries[entries.length - 1].stored.seq, repeated: true };
}

const STATUS: Readonly<Record<string, Accepted['status']>> = { 'fhir.create': 201, 'fhir.delete': 204 };

function acceptedAs({ envelope }: OpenedEntry, { header, text }: NonNullable<OpenedEntry['content']>): Accepted {
  return {
    status: STATUS[envelope.kind] ?? 200,
    type: envelope.type,
    id: header.id,
    version: envelope.version,
    lastModified: header.confirms ?? envelope.time,
    received: envelope.kind === 'fhir.confirm' ? undefined : { header, text },
  };
}
