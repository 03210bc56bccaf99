import { BYTES } from '../scan/bytes.js';
import { findMarks, type Marks } from './marks.js';
import { isEmpty } from './members.js';
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
  const id = literal(edits.id);
  const replacements = referenceReplacements(edits.references);
  const { start, end } = marks.id ?? insertAfter(marks.resourceType.end);
  replacements.push({ start, end, json: marks.id ? id : `,"id":${id}` }, ...metaReplacements(received, marks, edits));
  return replace(received, replacements);
}

function insertAfter(end: number): { start: number; end: number } {
  return { start: end, end };
}

function metaReplacements(text: Buffer, marks: Marks, edits: Edits): Replacement[] {
  const { meta, versionId, lastUpdated } = marks;
  const version = literal(edits.versionId);
  const updated = literal(edits.lastUpdated);
  const both = `"versionId":${version},"lastUpdated":${updated}`;
  if (!meta) return [{ ...insertAfter((marks.id ?? marks.resourceType).end), json: `,"meta":{${both}}` }];
  if (text[meta.start] !== OPEN_BRACE || isEmpty(text, meta.start)) return [{ ...range(meta), json: `{${both}}` }];
  const inside = insertAfter(meta.start + 1);
  return [
    versionId ? { ...range(versionId), json: version } : { ...inside, json: `"versionId":${version},` },
    lastUpdated ? { ...range(lastUpdated), json: updated } : { ...inside, json: `"lastUpdated":${updated},` },
  ];
}

function range({ start, end }: { start: number; end: number }): { start: number; end: number } {
  return { start, end };
}
