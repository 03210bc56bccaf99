import { parseLossless, patientParameters, patientReference } from '@chartledger/fhir';
import { recordChange, type Envelope } from '@chartledger/ledger';
import { localRecord, servedText, type OpenedEntry } from '@chartledger/projection';

/** What an entry says of a record, as the views need it. */
export interface RecordEntry {
  seq: number;
  envelope: Envelope;
  /** The record's logical id; undefined when the entry's key was destroyed. */
  id: string | undefined;
  /** Undefined where the record was deleted, or the entry's key destroyed. */
  version: { resource: object; patient: string | null } | undefined;
}

const TYPE = '"type":"';
/** The type, at most 64 characters, and all that stands after it. */
const TAIL_BYTES = 160;

/** The type in an envelope's bytes: a tenth of what reading it costs. Only numbers stand after it (`encodeEnvelope`). */
export function typeOf(envelope: Buffer): string {
  const tail = envelope.toString('latin1', Math.max(0, envelope.length - TAIL_BYTES));
  const start = tail.lastIndexOf(TYPE) + TYPE.length;
  return tail.slice(start, tail.indexOf('"', start));
}

/** What entries say of records, one after the other; those that change none are left out, such as confirmations. */
export function* recordEntries(opened: readonly OpenedEntry[]): Generator<RecordEntry> {
  for (const entry of opened) {
    const record = recordEntry(entry);
    if (record) yield record;
  }
}

function recordEntry({ stored, envelope, content }: OpenedEntry): RecordEntry | undefined {
  const change = recordChange(envelope);
  if (change === undefined || change === 'confirm') return undefined;
  const entry = { seq: stored.seq, envelope, id: content?.header.id };
  if (change === 'delete' || !content) return { ...entry, version: undefined };
  const resource = resourceOf(envelope, content);
  return { ...entry, version: { resource, patient: patientOf(envelope, content.header.id, resource) } };
}

/** The resource that is served for a version. */
function resourceOf(envelope: Envelope, { header, text }: NonNullable<OpenedEntry['content']>): object {
  // Without references that were resolved, what is spliced into the text can be put into the object: it is quicker.
  if (header.references && header.references.length > 0) {
    return parseLossless(servedText(envelope, header, text).toString('utf8')) as object;
  }
  const resource = parseLossless(text.toString('utf8')) as { id?: string; meta?: object };
  resource.id = header.id;
  resource.meta = { ...resource.meta, versionId: String(envelope.version), lastUpdated: envelope.time };
  return resource;
}

/** `source/Patient/id` of the patient in whose compartment the record is; null for none. */
function patientOf({ source, type }: Envelope, id: string, resource: object): string | null {
  if (type === 'Patient') return `${source}/Patient/${id}`;
  const reference = directReference(type, resource) ?? patientReference(type, resource);
  const record = reference === undefined ? undefined : localRecord(reference);
  return record?.startsWith('Patient/') ? `${source}/${record}` : null;
}

/** What most resources say in one element, without the search expressions that say the same. */
function directReference(type: string, resource: object): string | undefined {
  const [first] = patientParameters(type);
  if (first !== 'subject' && first !== 'patient') return undefined;
  const { subject, patient } = resource as { subject?: { reference?: unknown }; patient?: { reference?: unknown } };
  const reference = (subject ?? patient)?.reference;
  return typeof reference === 'string' && reference.startsWith('Patient/') ? reference : undefined;
}
