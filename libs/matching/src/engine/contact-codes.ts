import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';
import { foldText } from './fold-text.js';

const ONE_DIGIT = /^(.)\1*$/;
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
  const text = raw.replace(/(?:e?xt?|#).*$/i, '').slice(0, MAX_CODE);
  let digits = text.replace(/\D+/g, '');
  if (/^\s*(?:\+|00[1-9])/.test(text)) {
    const international = `+${digits.replace(/^0+/, '')}`;
    digits = parsePhoneNumberFromString(international, metadata)?.nationalNumber ?? digits;
  }
  digits = digits.replace(/^0+/, '');
  if (digits.length === 11 && digits[0] === '1') digits = digits.slice(1);
  if (digits.length < PHONE_DIGITS.min || digits.length > PHONE_DIGITS.max) return '';
  return ONE_DIGIT.test(digits.slice(-7)) || COUNTING.test(digits) ? '' : digits;
}

export function parseEmail(raw: string): string {
  const text = foldText(raw)
    .replace(/\s+/g, '')
    .replace(/^mailto:/, '');
  return text.length < 5 || NOBODYS_EMAIL.test(text) ? '' : text.slice(0, MAX_CODE);
}

/** An identifier's letters and digits; empty for a placeholder (000-00-0000, 123456789, N/A). */
export function parseIdentifier(raw: string): string {
  const text = foldText(raw).replace(/[^\p{L}\p{N}]+/gu, '');
  if (text.length < 3 || ONE_DIGIT.test(text) || COUNTING.test(text) || !/\d/.test(text)) return '';
  return text.slice(0, MAX_CODE);
}

/** A postcode; of a ZIP+4 the first five digits. */
export function parsePostcode(raw: string): string {
  const text = foldText(raw).replace(/[^a-z0-9]+/g, '');
  const code = /^\d{9}$/.test(text) ? text.slice(0, 5) : text.slice(0, 10);
  return code.length < 3 || ONE_DIGIT.test(code) ? '' : code;
}
