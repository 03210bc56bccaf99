import { BYTES } from '../scan/bytes.js';
import { findMarks, type Marks } from './marks.js';
import { isEmpty, type Place } from './members.js';
import { literal, referenceReplacements, replace, type ReferenceEdit, type Replacement } from './replace.js';

const { OPEN_BRACE } = BYTES;

/** What the server sets in a text that a source sent. */
export interface Edits {
  readonly id: string;
  readonly versionId: string;
  /** An instant. */
  readonly lastUpdated: string;
  /** The string literals to replace, by bytes from the start of the text. */
  readonly references: readonly ReferenceEdit[];
}

/**
 * The text that is served, made from the text that was received: `id`, `meta.versionId` and `meta.lastUpdated` are set
 * and the references put in; every other byte is as it was, since FHIR forbids to change a number's precision and
 * custody forbids the rest. What is absent is inserted: id after resourceType, meta after id, the two at meta's start.
 * @param received the resource's object alone, as `ScannedResource.start` and `end` cut it. It MUST have passed a scan
 * without fatal finding and have a type.
 * @throws RangeError when it has not, or when references overlap.
 */
export function splice(received: Buffer, edits: Edits): Buffer {
  const marks = findMarks(received);
  // In the order of most texts: then nothing has to be sorted.
  return replace(received, [
    setId(marks, literal(edits.id)),
    ...setVersion(received, marks, literal(edits.versionId), literal(edits.lastUpdated)),
    ...referenceReplacements(edits.references),
  ]);
}

function setId({ id, resourceType }: Marks, json: string): Replacement {
  return id ? put(id, json) : insert(resourceType.end, `,"id":${json}`);
}

function setVersion(text: Buffer, marks: Marks, version: string, updated: string): Replacement[] {
  const { meta, versionId, lastUpdated } = marks;
  const both = `"versionId":${version},"lastUpdated":${updated}`;
  if (!meta) return [insert((marks.id ?? marks.resourceType).end, `,"meta":{${both}}`)];
  if (text[meta.start] !== OPEN_BRACE || isEmpty(text, meta.start)) return [put(meta, `{${both}}`)];
  const inside = meta.start + 1;
  if (!versionId && !lastUpdated) return [insert(inside, `${both},`)];
  return [
    versionId ? put(versionId, version) : insert(inside, `"versionId":${version},`),
    lastUpdated ? put(lastUpdated, updated) : insert(inside, `"lastUpdated":${updated},`),
  ];
}

function put({ start, end }: Place, json: string): Replacement {
  return { start, end, json };
}

function insert(at: number, json: string): Replacement {
  return { start: at, end: at, json };
}
