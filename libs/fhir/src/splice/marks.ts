import { BYTES } from '../scan/bytes.js';
import { eachMember, openBrace, type Place } from './members.js';

const { OPEN_BRACE } = BYTES;

/** Where a resource has what a server sets (R4 resource.html#id, resource.html#Meta). */
export interface Marks {
  resourceType: Place;
  id: Place | undefined;
  meta: Place | undefined;
  /** Undefined also when meta is no object. */
  versionId: Place | undefined;
  lastUpdated: Place | undefined;
}

export const RESOURCE_TYPE = Buffer.from('resourceType');
export const ID = Buffer.from('id');
export const META = Buffer.from('meta');
export const VERSION_ID = Buffer.from('versionId');
export const LAST_UPDATED = Buffer.from('lastUpdated');

/**
 * Finds the marks in any order of the members. Ends as soon as it has them: names are unique in a scanned text.
 * @throws RangeError when the text is no object with a resourceType.
 */
export function findMarks(text: Buffer): Marks {
  let resourceType: Place | undefined;
  let id: Place | undefined;
  let meta: Place | undefined;
  let metaMayCome = true;
  eachMember(text, openBrace(text), (place, is) => {
    if (is(RESOURCE_TYPE)) resourceType = place;
    else if (is(ID)) id = place;
    else if (is(META)) meta = place;
    if (resourceType && id && !meta && metaMayCome) metaMayCome = mayHaveMeta(text, place.end);
    return !resourceType || !id || (!meta && metaMayCome);
  });
  if (!resourceType) throw new RangeError('the text has no resourceType: scan it before it is spliced');
  const marks: Marks = { resourceType, id, meta, versionId: undefined, lastUpdated: undefined };
  if (meta && text[meta.start] === OPEN_BRACE) findMarksOfMeta(text, meta, marks);
  return marks;
}

/** Whether a member meta may come after `at`. A search by machine code spares the walk to the end where there is none. */
function mayHaveMeta(text: Buffer, at: number): boolean {
  return text.includes('"meta"', at, 'latin1') || text.includes('\\u', at, 'latin1');
}

function findMarksOfMeta(text: Buffer, meta: Place, marks: Marks): void {
  eachMember(text, meta.start, (place, is) => {
    if (is(VERSION_ID)) marks.versionId = place;
    else if (is(LAST_UPDATED)) marks.lastUpdated = place;
    return !marks.versionId || !marks.lastUpdated;
  });
}
