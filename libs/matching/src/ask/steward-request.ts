import { isResourceId } from '@chartledger/fhir';
import { parsePosition, SYSTEM_CHAIN } from '@chartledger/ledger';
import { BadRequestError, NotFoundError } from '@chartledger/platform';
import { recordInSource } from '@chartledger/records';
import { type RecordName } from '../persons/person-entries.js';
import { type StewardCommand } from '../steward/steward-command.js';

/** A reason is a sentence or two, kept with the decision for good. */
const MAX_REASON_CHARACTERS = 2_000;
const MAX_RECORDS = 1_000;

const MEMBERS: Readonly<Record<StewardCommand['kind'], readonly string[]>> = {
  link: ['record'],
  unlink: ['record'],
  merge: ['other'],
  split: ['records'],
  undo: ['decision'],
};

/**
 * Reads the body of `POST /persons/{id}/decisions`: `{"kind":"unlink","record":"st-mary/Patient/p1","reason":"…"}`. A
 * record is named as `source/Patient/id` or by its URL.
 * @throws BadRequestError that names the member and what it must be.
 */
export function readStewardCommand(person: string, body: Buffer, root: string): StewardCommand {
  const given = jsonObject(body, '{"kind":"unlink","record":"st-mary/Patient/p1","reason":"…"}');
  const { kind } = given;
  if (typeof kind !== 'string' || !Object.hasOwn(MEMBERS, kind))
    throw new BadRequestError(`kind must be one of ${Object.keys(MEMBERS).join(', ')}`);
  const known = MEMBERS[kind as StewardCommand['kind']];
  if (Object.keys(given).some((name) => !['kind', 'reason', ...known].includes(name)))
    throw new BadRequestError(`a decision of the kind ${kind} has the members kind, reason and ${known.join(', ')}`);
  const reason = readReason(given['reason']);
  switch (kind as StewardCommand['kind']) {
    case 'link':
    case 'unlink':
      return { kind: kind as 'link' | 'unlink', reason, person, record: readRecord(given['record'], 'record', root) };
    case 'merge':
      return { kind: 'merge', reason, person, other: readPerson(given['other'], root) };
    case 'split':
      return { kind: 'split', reason, person, records: readRecords(given['records'], root) };
    case 'undo':
      return { kind: 'undo', reason, decision: readDecision(given['decision']) };
  }
}

/** @throws BadRequestError for anything but a reason in words. */
export function readReason(reason: unknown): string {
  if (typeof reason === 'string' && reason.trim() !== '' && reason.length <= MAX_REASON_CHARACTERS) return reason;
  throw new BadRequestError(`reason must say why, in 1 to ${MAX_REASON_CHARACTERS} characters`);
}

/** @throws BadRequestError that shows the example, for what is no JSON object. */
export function jsonObject(body: Buffer, example: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Refused below, as what is no object is.
  }
  throw new BadRequestError(`the body must be a JSON object such as ${example}`);
}

function readRecords(value: unknown, root: string): RecordName[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_RECORDS)
    throw new BadRequestError(`records must be a list of 1 to ${MAX_RECORDS} records`);
  return [...new Set(value.map((one, index) => readRecord(one, `records[${index}]`, root)))];
}

function readRecord(value: unknown, member: string, root: string): RecordName {
  const name = typeof value === 'string' ? recordNamed(value, root) : undefined;
  if (name) return name;
  throw new BadRequestError(`${member} must name a Patient record, such as st-mary/Patient/p1, or be its URL here`);
}

function readPerson(value: unknown, root: string): string {
  const id = typeof value === 'string' ? personNamed(value, root) : undefined;
  if (id) return id;
  throw new BadRequestError('other must be the id of a person, or its URL here');
}

function readDecision(value: unknown): string {
  const position = typeof value === 'string' ? parsePosition(value) : undefined;
  if (position?.chain === SYSTEM_CHAIN) return value as string;
  throw new BadRequestError(`decision must be the position of a decision, such as ${SYSTEM_CHAIN}:812`);
}

/** `source/Patient/id` of that text or of a URL below `root`; undefined for anything else. */
export function recordNamed(text: string, root: string): RecordName | undefined {
  const path = text.startsWith(`${root}/fhir/`) ? text.slice(`${root}/fhir/`.length) : text;
  const named = recordInSource(path);
  return named?.type === 'Patient' && isResourceId(named.id) && path.split('/').length === 3 ? path : undefined;
}

/** @throws NotFoundError for what no person can have as id. */
export function personId(text: string): string {
  if (isResourceId(text)) return text;
  throw new NotFoundError('there is no such person: an id is 1 to 64 letters, digits, hyphens and dots');
}

/** The id of a person, given alone, as `Person/id` or as a URL below `root`. */
export function personNamed(text: string, root: string): string | undefined {
  const base = `${root}/fhir/chartledger/`;
  const path = text.startsWith(base) ? text.slice(base.length) : text;
  const id = path.startsWith('Person/') ? path.slice('Person/'.length) : path;
  return isResourceId(id) ? id : undefined;
}
