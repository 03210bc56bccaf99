import { recordChange } from '@chartledger/ledger';
import { type ProjectedEntry } from '@chartledger/projection';
import { type PatientVersion } from '../features/feature-store.js';
import { fieldsOfFacts } from '../fields/person-fields-of.js';
import { recordName } from '../persons/person-entries.js';

/** Versions that are kept for the matcher, some 40 MB; what it does not take in time it reads from the view. */
const MAX_WAITING = 50_000;

/** Hands the Patient versions that this process has just appended to the matcher, so that it need not read them. */
export class PatientTap {
  private waiting: PatientVersion[] = [];

  /** @param from seq of the chain's head. */
  constructor(
    private readonly chain: number,
    private from: number,
    private readonly wake: () => void,
  ) {
    this.known = from;
  }

  private known: number;

  /** The highest seq that it was told of. */
  get head(): number {
    return this.known;
  }

  publish(entries: readonly ProjectedEntry[]): void {
    if (entries.length === 0) return;
    // What another process appended, or an append of unknown outcome, was not told of.
    if (entries[0].seq !== this.known + 1) this.forget(entries[0].seq - 1);
    for (const entry of entries) {
      const version = patientVersion(this.chain, entry);
      if (version) this.waiting.push(version);
    }
    this.known = entries[entries.length - 1].seq;
    if (this.waiting.length > MAX_WAITING) this.forget(this.known);
    this.wake();
  }

  /** Up to `limit` versions after `position`, and up to where that is all; undefined where it does not have them. */
  take(position: number, limit: number): { versions: PatientVersion[]; to: number } | undefined {
    if (position < this.from) return undefined;
    const start = this.waiting.findIndex(({ seq }) => seq > position);
    const versions = start === -1 ? [] : this.waiting.slice(start, start + limit);
    this.waiting = start === -1 ? [] : this.waiting.slice(start + versions.length);
    const to = this.waiting.length > 0 ? versions[versions.length - 1].seq : Math.max(this.known, position);
    this.from = to;
    return { versions, to };
  }

  private forget(seq: number): void {
    this.waiting = [];
    this.from = seq;
  }
}

function patientVersion(chain: number, { seq, time, envelope, id, facts }: ProjectedEntry): PatientVersion | undefined {
  if (envelope.type !== 'Patient' || id === undefined) return undefined;
  const change = recordChange(envelope);
  if (change === undefined || change === 'confirm') return undefined;
  const { source } = envelope;
  const fields = facts.demographics && fieldsOfFacts(facts.demographics, source);
  return { name: recordName({ source, patient: id }), chain, seq, time, fields, isFirst: envelope.version === 1 };
}
