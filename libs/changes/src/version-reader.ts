import { readEnvelope, SubmissionReader, type Envelope, type StoredEntry } from '@chartledger/ledger';
import { changeEvent, isVersion, type ChangeEvent } from './change-event.js';

interface ReadEntry {
  stored: StoredEntry;
  fields: Envelope;
}

/** Makes events of a chain's entries: of submissions that are whole, never of one that was cut short. */
export class VersionReader {
  private readonly submissions = new SubmissionReader<ReadEntry>();

  /**
   * @param last `seq` of the last event that is there already, -1 for none. The entries given to `take` MUST begin at or
   *   before the entry after it, and at the first part of a submission.
   */
  constructor(
    private last: number,
    private readonly origin: string,
  ) {}

  /** Takes the next entries of the chain. Returns the events of the submissions that they complete. */
  take(entries: readonly StoredEntry[]): ChangeEvent[] {
    const events: ChangeEvent[] = [];
    for (const stored of entries) {
      const fields = readEnvelope(stored.envelope);
      for (const group of this.submissions.push(fields, { stored, fields })) {
        if (group.status === 'complete') for (const entry of group.entries) this.add(entry, events);
      }
    }
    return events;
  }

  private add({ stored, fields }: ReadEntry, events: ChangeEvent[]): void {
    if (fields.seq <= this.last || !isVersion(fields)) return;
    events.push(changeEvent(stored, this.last, this.origin, fields));
    this.last = fields.seq;
  }
}
