import { formatPosition, leafHash, readEnvelope, type Envelope, type StoredEntry } from '@chartledger/ledger';

/** The kinds of entries that make a version of a record. A confirmation makes none. */
const VERSION_KINDS = ['fhir.create', 'fhir.update', 'fhir.delete'] as const;

/** The media type by which a receiver knows the structured content mode (CloudEvents, Kafka protocol binding 3.3.1). */
export const EVENT_CONTENT_TYPE = 'application/cloudevents+json; charset=UTF-8';

/** What an event says of the version. No protected health information: whoever wants the record asks for it. */
export interface Change {
  /** The source of the record, such as a hospital's feed. */
  source: string;
  /** Resource type. */
  type: string;
  /** Keyed pseudonym of the record: equal for all versions of it, and for nothing else. */
  record: string;
  version: number;
  kind: (typeof VERSION_KINDS)[number];
  chain: number;
  seq: number;
  /** `seq` of the event before on this chain, -1 for the first: what lets a reader see that nothing is missing. */
  previous: number;
  /** Leaf hash of the entry, in hex: leads to its proof. */
  leaf: string;
}

/** A CloudEvent 1.0. Everything in it is taken from the entry, so the same entry gives the same bytes again. */
export interface ChangeEvent {
  specversion: '1.0';
  /** The position, `chain:seq`: unique in a ledger, whatever the source. */
  id: string;
  source: string;
  type: `chartledger.${Change['kind']}`;
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  data: Change;
}

/** Whether an entry makes a version of a record, and so an event. */
export function isVersion({ kind }: Pick<Envelope, 'kind'>): boolean {
  return (VERSION_KINDS as readonly string[]).includes(kind);
}

/**
 * The event of an entry that makes a version.
 * @param previous `seq` of the event before on the chain, -1 for none.
 * @param origin the ledger's name, as in its checkpoints.
 */
export function changeEvent(
  { envelope }: Pick<StoredEntry, 'envelope'>,
  previous: number,
  origin: string,
  fields: Envelope = readEnvelope(envelope),
): ChangeEvent {
  const { chain, seq, source, type, record, version } = fields;
  const kind = fields.kind as Change['kind'];
  const leaf = leafHash(envelope).toString('hex');
  return {
    specversion: '1.0',
    id: formatPosition(chain, seq),
    source: `//${origin}/fhir/${source}`,
    type: `chartledger.${kind}`,
    subject: record,
    time: fields.time,
    datacontenttype: 'application/json',
    data: { source, type, record, version, kind, chain, seq, previous, leaf },
  };
}

/** The value of the event's record on the topic. */
export function encodeChangeEvent(event: ChangeEvent): Buffer {
  return Buffer.from(JSON.stringify(event));
}

/** The event in a record's value; undefined for what is none. */
export function readChangeEvent(value: Buffer | null): ChangeEvent | undefined {
  try {
    const event = JSON.parse(value?.toString('utf8') ?? '') as ChangeEvent | null;
    const { chain, seq, previous } = event?.data ?? {};
    return [chain, seq, previous].every(Number.isSafeInteger) ? event! : undefined;
  } catch {
    return undefined;
  }
}
