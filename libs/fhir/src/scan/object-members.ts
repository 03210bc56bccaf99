import { MAX_WORDS, type Bits, type Member, type TypeTable } from '../structure/type-table.js';
import { type Scan } from './scan-state.js';
import { duplicateName } from './skip-value.js';

/** Begins the empty set of members of an object of type `table` at `level`. */
export function beginMembers(scan: Scan, table: TypeTable, level: number): void {
  for (let word = level * MAX_WORDS, end = word + table.words; word < end; word++) scan.members[word] = 0;
}

/** Adds a member to the set of its object. */
export function addMember(scan: Scan, member: Member, level: number, at: number): void {
  const { members } = scan;
  const word = level * MAX_WORDS + member.word;
  const before = members[word]!;
  if ((before & member.bit) !== 0) throw duplicateName(at);
  members[word] = before | member.bit;
  if (member.rivals.length > 0 && hasAny(scan, member.rivals, level)) {
    scan.report(level, 'structure', `${member.element} may have one type only: leave the others out.`);
  }
}

/** Reports the required elements that an object of type `table` has not. */
export function checkRequired(scan: Scan, table: TypeTable, level: number): void {
  const first = scan.members[level * MAX_WORDS]!;
  if ((first & table.requiredBits) === table.requiredBits && !table.requiresChoice) return;
  for (const { element, anyOf } of table.requirements) {
    if (hasAny(scan, anyOf, level)) continue;
    scan.names[level] = element.replace('[x]', '');
    scan.report(level, 'required', `${table.name} must have ${element}: send it, or why it is absent as an extension.`);
  }
}

/** Reports the nulls at `level` that have no extension beside them, and forgets the nulls. */
export function checkNulls(scan: Scan, level: number): void {
  for (const [name, index] of scan.nulls[level]!.empty()) {
    scan.names[level] = name;
    scan.indexes[level] = index;
    scan.report(level, 'structure', `null holds the place of an extension: send one in _${name}, or leave null out.`);
  }
  scan.indexes[level] = -1;
  scan.nulls[level] = undefined;
}

function hasAny(scan: Scan, bits: readonly Bits[], level: number): boolean {
  for (const { word, mask } of bits) if ((scan.members[level * MAX_WORDS + word]! & mask) !== 0) return true;
  return false;
}

/** Names that a message may repeat: anything else might be health information in the wrong place. */
const HARMLESS_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Reports a name that no element of the type has. */
export function reportUnknown(scan: Scan, table: TypeTable, name: string, level: number, at: number): void {
  const harmless = HARMLESS_NAME.test(name);
  scan.names[level] = harmless ? name : undefined;
  const what = harmless ? `element ${name}` : `element of the name at byte ${at}`;
  scan.report(level, 'structure', `${table.name} has no ${what}: leave it out, or send it as an extension.`);
}
