import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';
import { foldText } from './fold-text.js';

const COUNTING = /^0?1?234567(?:8(?:9(?:01?)?)?)?$|^987654(?:3(?:2(?:10?)?)?)?$/;
const PHONE_DIGITS = { min: 6, max: 15 };
const NOBODYS_EMAIL =
  /^(?:no|none|noemail|nomail|na|unknown|test|refused|declined|patient|nobody|noreply)@|@(?:none|na|example|test|noemail)\b/;
const MAX_CODE = 40;

/**
 * A phone number as its national digits without the trunk prefix: `+61 409 944 702` and `0409944702` are the same. Only
 * a number with a country code goes through libphonenumber; empty for what is too short or a placeholder.
 */
export function parsePhone(raw: string): string {
  return raw === '' ? '' : national(isDigits(raw) && !raw.startsWith('00') ? raw : phoneDigits(raw));
}

function phoneDigits(raw: string): string {
  const text = raw.replace(/(?:e?xt?|#).*$/i, '').slice(0, MAX_CODE);
  const digits = text.replace(/\D+/g, '');
  if (!/^\s*(?:\+|00[1-9])/.test(text)) return digits;
  return parsePhoneNumberFromString(`+${digits.replace(/^0+/, '')}`, metadata)?.nationalNumber ?? digits;
}

function national(digits: string): string {
  let from = 0;
  while (digits.charCodeAt(from) === ZERO) from++;
  if (digits.length - from === 11 && digits[from] === '1') from++;
  const number = from === 0 ? digits : digits.slice(from);
  if (number.length < PHONE_DIGITS.min || number.length > PHONE_DIGITS.max) return '';
  return isOneDigit(number, number.length - 7) || COUNTING.test(number) ? '' : number;
}

const ZERO = 48;
const NINE = 57;

function isDigits(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at);
    if (letter < ZERO || letter > NINE) return false;
  }
  return text.length > 0;
}

/** Whether all letters from `from` are the same. */
function isOneDigit(text: string, from: number): boolean {
  for (let at = Math.max(1, from + 1); at < text.length; at++)
    if (text.charCodeAt(at) !== text.charCodeAt(at - 1)) return false;
  return true;
}

export function parseEmail(raw: string): string {
  if (raw === '') return '';
  const text = foldText(raw)
    .replace(/\s+/g, '')
    .replace(/^mailto:/, '');
  return text.length < 5 || NOBODYS_EMAIL.test(text) ? '' : text.slice(0, MAX_CODE);
}

/** An identifier's letters and digits; empty for a placeholder (000-00-0000, 123456789, N/A). */
export function parseIdentifier(raw: string): string {
  if (raw === '') return '';
  const text = isDigits(raw) ? raw : foldText(raw).replace(/[^\p{L}\p{N}]+/gu, '');
  if (text.length < 3 || isOneDigit(text, 0) || COUNTING.test(text) || !/\d/.test(text)) return '';
  return text.slice(0, MAX_CODE);
}

/** A postcode; of a ZIP+4 the first five digits. */
export function parsePostcode(raw: string): string {
  const text = foldText(raw).replace(/[^a-z0-9]+/g, '');
  const code = /^\d{9}$/.test(text) ? text.slice(0, 5) : text.slice(0, 10);
  return code.length < 3 || isOneDigit(code, 0) ? '' : code;
}
