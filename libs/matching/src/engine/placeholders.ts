import { codeKey } from './code-key.js';
import { hashCode } from './code-hash.js';
import { type PreparedRecord } from './prepare.js';

/** A record without the codes that a model counts as missing: a hospital's own phone, an identifier of nobody. */
export function withoutPlaceholders(record: PreparedRecord, placeholders: ReadonlySet<number>): PreparedRecord {
  if (placeholders.size === 0) return record;
  return {
    ...record,
    birthDate: placeholders.has(codeKey('birthDate', record.birthDate)) ? 0 : record.birthDate,
    phones: record.phones.filter((phone) => !placeholders.has(codeKey('phone', hashCode(phone)))),
    emails: record.emails.filter((email) => !placeholders.has(codeKey('email', hashCode(email)))),
    identifiers: record.identifiers.filter(
      ({ system, value }) => !placeholders.has(codeKey('identifier', hashCode(value), hashCode(system))),
    ),
  };
}
