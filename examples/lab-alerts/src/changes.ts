/** What a consumer needs of an event of `chartledger.changes`. The whole of it is in `docs/pipelines.md`. */
export interface ChangeEvent {
  /** The position, `chain:seq`. */
  id: string;
  /** When the entry was sequenced. */
  time: string;
  data: {
    source: string;
    /** Resource type. */
    type: string;
    /** The record's pseudonym. */
    record: string;
    version: number;
    kind: 'fhir.create' | 'fhir.update' | 'fhir.delete';
    chain: number;
    seq: number;
    /** `seq` of the event before on this chain, -1 for the first. */
    previous: number;
  };
}

/**
 * Whose turn an event has for a consumer that has everything up to `last`: the rule by which each event counts once. Take
 * it over as it is.
 */
export function turnOf(last: number, { seq, previous }: ChangeEvent['data']): 'next' | 'repeated' | 'ahead' {
  if (seq <= last) return 'repeated';
  return previous <= last ? 'next' : 'ahead';
}

/**
 * The events whose turn it is, in order.
 * @throws Error when events are missing.
 */
export function takeChanges(last: number, values: readonly (Buffer | null)[]): ChangeEvent[] {
  const taken: ChangeEvent[] = [];
  let standing = last;
  for (const value of values) {
    const event = JSON.parse(String(value)) as ChangeEvent;
    const turn = turnOf(standing, event.data);
    if (turn === 'ahead') {
      throw new Error(
        `events between ${event.data.chain}:${standing} and ${event.id} are not in the topic: retention removed them, or it is just being made anew. See "When events are missing" in docs/pipelines.md`,
      );
    }
    if (turn === 'repeated') continue;
    taken.push(event);
    standing = event.data.seq;
  }
  return taken;
}
