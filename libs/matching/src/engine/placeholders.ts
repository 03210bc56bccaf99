import { mix } from './content-hash.js';
import { type PreparedRecord } from './prepare.js';
import { hashCode } from './record-table.js';

export type CodeKind = 'phone' | 'email' | 'identifier';

const SEEDS: Readonly<Record<CodeKind, number>> = { phone: 1, email: 2, identifier: 3 };

/** How a model names a phone, an e-mail or an identifier without saying it. */
export function codeKey(kind: CodeKind, hash: number, system = 0): number {
  return (mix(mix(SEEDS[kind], hash), system) >>> 0) * 2 ** 20 + (mix(hash, SEEDS[kind]) & 0xfffff);
}

/** A record without the codes that a model counts as missing: a hospital's own phone, an identifier of nobody. */
export function withoutPlaceholders(record: PreparedRecord, placeholders: ReadonlySet<number>): PreparedRecord {
  if (placeholders.size === 0) return record;
  return {
    ...record,
    phones: record.phones.filter((phone) => !placeholders.has(codeKey('phone', hashCode(phone)))),
    emails: record.emails.filter((email) => !placeholders.has(codeKey('email', hashCode(email)))),
    identifiers: record.identifiers.filter(
      ({ system, value }) => !placeholders.has(codeKey('identifier', hashCode(value), hashCode(system))),
    ),
  };
}
