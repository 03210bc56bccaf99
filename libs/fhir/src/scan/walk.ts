import { hashOf } from '../structure/name-table.js';
import { RESOURCE_NAMES, typeTable } from '../structure/r4.js';
import { KIND, type Member, type TypeTable } from '../structure/type-table.js';
import { BUNDLE_LEVEL, ENTRY_PART_LEVEL } from './bundle-notes.js';
import { BYTES, skipSpace } from './bytes.js';
import { endOfWord } from './json-literal.js';
import { closeOf, decodeString, endOfString } from './json-string.js';
import { nameAt, readName } from './member-name.js';
import { addMember, beginMembers, checkNulls, checkRequired, reportUnknown } from './object-members.js';
import { NullPlaces } from './null-places.js';
import { isNull, readPrimitive } from './primitive-value.js';
import { ResourceNotes } from './resource-notes.js';
import { findResourceType, NOT_FOUND } from './resource-type.js';
import { type Scan } from './scan-state.js';
import { addName, assertDepth, assertName, skipColon, skipComma } from './skip-value.js';

const { PRIMITIVE, RESOURCE, RESOURCE_TYPE, SIBLING } = KIND;
const { CLOSE_BRACE, CLOSE_BRACKET, OPEN_BRACE, OPEN_BRACKET } = BYTES;

/**
 * The walk over the text of a resource by the types of its elements: one function for each of object, array, value and
 * resource. Each takes the position where its value starts and the level that it is on, and gives the value's end
 * (exclusive). They recurse into each other, no deeper than `scan.maxDepth`.
 */
export function readObject(scan: Scan, table: TypeTable, open: number, level: number): number {
  assertDepth(level, scan.maxDepth, open);
  const { text, names } = scan;
  beginMembers(scan, table, level);
  let at = skipSpace(text, open + 1);
  if (text[at] === CLOSE_BRACE) {
    scan.report(level - 1, 'structure', 'An object must not be empty: leave it out (R4 json.html).');
    return at + 1;
  }
  let member: Member | undefined;
  let unknown: Set<string> | undefined;
  for (;;) {
    assertName(text, at);
    member = readName(scan, table, member, at);
    const value = skipColon(text, scan.nameEnd + 1);
    if (member === undefined) {
      const name = nameAt(scan, at);
      addName((unknown ??= new Set()), name, at);
      reportUnknown(scan, table, name, level, at);
      at = scan.skip(value, level);
    } else {
      names[level] = member.name;
      addMember(scan, member, level, at);
      at = member.repeats ? readArray(scan, member, value, level) : readValue(scan, member, value, level);
    }
    at = skipSpace(text, at);
    if (text[at] === CLOSE_BRACE) break;
    at = skipSpace(text, skipComma(text, at, '}'));
  }
  checkRequired(scan, table, level);
  if (scan.nulls[level] !== undefined) checkNulls(scan, level);
  return at + 1;
}

function readArray(scan: Scan, member: Member, open: number, level: number): number {
  const { text, indexes } = scan;
  if (text[open] !== OPEN_BRACKET) {
    return scan.reject(open, level, 'structure', `${member.name} may repeat: send an array (R4 json.html#repeat).`);
  }
  assertDepth(level + 1, scan.maxDepth, open);
  scan.names[level + 1] = undefined;
  const notes = level === BUNDLE_LEVEL && member.name === 'entry' ? scan.bundle : undefined;
  const mayBeNull = member.kind === PRIMITIVE || member.kind === SIBLING;
  let at = skipSpace(text, open + 1);
  if (text[at] === CLOSE_BRACKET) {
    scan.report(level, 'structure', 'An array must not be empty: leave it out (R4 json.html).');
    return at + 1;
  }
  for (let index = 0; ; index++) {
    indexes[level] = index;
    notes?.beginEntry(scan.findings, at);
    if (mayBeNull && isNull(text, at)) {
      (scan.nulls[level] ??= new NullPlaces()).addNull(member, index);
      at = endOfWord(text, at);
    } else {
      if (member.kind === SIBLING) (scan.nulls[level] ??= new NullPlaces()).addExtended(member, index);
      at = readValue(scan, member, at, level + 1);
    }
    notes?.endEntry(scan.findings);
    at = skipSpace(text, at);
    if (text[at] === CLOSE_BRACKET) break;
    at = skipSpace(text, skipComma(text, at, ']'));
  }
  indexes[level] = -1;
  return at + 1;
}

function readValue(scan: Scan, member: Member, start: number, level: number): number {
  const { kind } = member;
  if (kind === PRIMITIVE) return readPrimitive(scan, member, start, level);
  const { text } = scan;
  if (kind === RESOURCE_TYPE) return closeOf(endOfString(text, start + 1)) + 1;
  if (text[start] !== OPEN_BRACE) {
    return scan.reject(start, level, 'structure', `The ${member.typeName} must be a JSON object.`);
  }
  if (kind === RESOURCE) return readResource(scan, start, level + 1);
  return readObject(scan, member.type!, start, level + 1);
}

/** Reads the resource whose object is at `open`; its type is what its resourceType says. */
function readResource(scan: Scan, open: number, level: number): number {
  // An entry's resource, and neither one contained in it nor the outcome of its response.
  const notes = level === ENTRY_PART_LEVEL ? scan.bundle : undefined;
  const before = scan.findings.count;
  const table = resourceTable(scan, open, level);
  const resource = notes && new ResourceNotes(table?.name ?? '', open, level);
  if (resource) scan.resource = resource;
  const end = table ? readObject(scan, table, open, level) : scan.skip(open, level - 1);
  if (resource) {
    notes.endResource(resource.finish(end, scan.findings.since(before)));
    scan.resource = undefined;
  }
  return end;
}

/** The table of the resource's type; where there is none that is reported. */
export function resourceTable(scan: Scan, open: number, level: number): TypeTable | undefined {
  const { text } = scan;
  const quote = findResourceType(text, open);
  if (quote === NOT_FOUND) {
    scan.report(level - 1, 'structure', 'A resource must have its type as the string resourceType (R4 json.html).');
    return undefined;
  }
  const end = endOfString(text, quote + 1);
  const name = Buffer.from(decodeString(text, quote + 1, closeOf(end), end < 0));
  const known = RESOURCE_NAMES.find(name, 0, name.length, hashOf(name));
  if (known !== undefined) return typeTable(known);
  const shown = /^[A-Za-z]{1,64}$/.test(name.toString()) ? name.toString() : 'this name';
  scan.report(level - 1, 'structure', `FHIR R4 has no resource type ${shown}: send one of R4 (resourcelist.html).`);
  return undefined;
}
