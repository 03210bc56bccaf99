import {
  isBase64,
  isCode,
  isId,
  isOid,
  isString,
  isUri,
  isUuid,
  isXhtml,
  MAX_STRING_CHARACTERS,
} from './character-checks.js';
import { isDecimal, isInteger, isPositiveInt, isUnsignedInt } from './number-checks.js';
import { isDate, isDateTime, isInstant, isTime } from './time-checks.js';

/** How JSON writes a primitive (R4 json.html#primitive). */
export type JsonShape = 'string' | 'number' | 'boolean';

/** A primitive type of FHIR R4 (datatypes.html#primitive). */
export interface PrimitiveType {
  readonly name: string;
  readonly shape: JsonShape;
  /** Whether the value, decoded bytes without quotes, is one of the type. Not asked for a boolean. */
  readonly check: (text: Uint8Array, start: number, end: number) => boolean;
  /** What a value must be, to follow `must be` in a message. */
  readonly rule: string;
  /** Whether a transaction rewrites its values where they name an entry (R4 http.html#trules). */
  readonly link: boolean;
}

const LINK = true;
const TEXT = `not empty and at most ${MAX_STRING_CHARACTERS} characters`;
const URI = 'not empty and without whitespace';
const DAY = 'a date that exists, as YYYY, YYYY-MM or YYYY-MM-DD';
const ZONED = 'YYYY-MM-DDThh:mm:ss with an optional fraction and a zone (Z or ±hh:mm), of a day that exists';

function type(
  name: string,
  shape: JsonShape,
  check: PrimitiveType['check'],
  rule: string,
  link = false,
): [string, PrimitiveType] {
  return [name, { name, shape, check, rule, link }];
}

/** By name. */
export const PRIMITIVE_TYPES: ReadonlyMap<string, PrimitiveType> = new Map([
  type('boolean', 'boolean', () => true, 'true or false'),
  type('integer', 'number', isInteger, 'a whole number from -2147483648 to 2147483647'),
  type('unsignedInt', 'number', isUnsignedInt, 'a whole number from 0 to 2147483647'),
  type('positiveInt', 'number', isPositiveInt, 'a whole number from 1 to 2147483647'),
  type('decimal', 'number', isDecimal, 'a number'),
  type('string', 'string', isString, TEXT),
  type('markdown', 'string', isString, TEXT),
  type('code', 'string', isCode, 'not empty, without whitespace at its ends and with single spaces inside'),
  type('id', 'string', isId, '1 to 64 of the characters A-Z a-z 0-9 - .'),
  type('uri', 'string', isUri, URI, LINK),
  type('url', 'string', isUri, URI, LINK),
  type('canonical', 'string', isUri, URI, LINK),
  type('oid', 'string', isOid, 'urn:oid: and numbers parted by dots', LINK),
  type('uuid', 'string', isUuid, 'urn:uuid: and a UUID in lower case', LINK),
  type('base64Binary', 'string', isBase64, 'base64 (RFC 4648) in groups of four characters'),
  type('xhtml', 'string', isXhtml, 'XHTML that starts with <div'),
  type('date', 'string', isDate, DAY),
  type('dateTime', 'string', isDateTime, `${DAY}, or ${ZONED}`),
  type('instant', 'string', isInstant, ZONED),
  type('time', 'string', isTime, 'hh:mm:ss with an optional fraction, without a zone'),
]);
