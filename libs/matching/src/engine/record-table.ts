import { hashText } from './content-hash.js';
import { GrowingInts } from './growing-array.js';
import { type PreparedRecord } from './prepare.js';
import { type ValueArrays, Values } from './values.js';

/** A record is so many integers in one row, at these places; values of the dictionary unless said otherwise. */
export const ROW = {
  given: 0,
  family: 1,
  middle: 2,
  /** yyyymmdd */
  birth: 3,
  /** Bits: sex 0–1, suffix 2–4, order 5–7. */
  flags: 4,
  number: 5,
  street: 6,
  suburb: 7,
  postcode: 8,
  /** A code is its hash, 0 for none, and where its letters are. */
  phone: 9,
  phoneAt: 10,
  email: 11,
  emailAt: 12,
  idSystem: 13,
  id: 14,
  idAt: 15,
  mother: 16,
  motherGiven: 17,
  /** Where the further names, addresses and codes are; 0 for none. */
  extras: 18,
  /** Hash of the e-mail's part before the @. */
  mailbox: 19,
} as const;
export const ROW_INTS = 20;

/** Integers of one more name, address, code and identifier in the extras, in this order, each kind with its count first. */
export const EXTRA = { name: 3, address: 4, code: 2, email: 3, identifier: 3 } as const;

export interface TableArrays extends ValueArrays {
  rows: Int32Array;
  extras: Int32Array;
}

/** Records as rows of integers over one dictionary: what comparing and blocking work on. */
export class RecordTable {
  private readonly rows = new GrowingInts(ROW_INTS * 256);
  private readonly extras = new GrowingInts();

  constructor(readonly values: Values) {
    this.extras.take(1);
  }

  get size(): number {
    return this.rows.length / ROW_INTS;
  }

  get arrays(): TableArrays {
    return { ...this.values.arrays, rows: this.rows.ints.subarray(0, this.rows.length), extras: this.extras.ints };
  }

  /** A new row of zeros, to be filled by the caller. */
  addRow(): number {
    return this.rows.take(ROW_INTS);
  }

  setInt(at: number, value: number): void {
    this.rows.ints[at] = value;
  }

  /** Adds a record; returns its number. */
  add(record: PreparedRecord): number {
    const names = record.names.map(({ given, middle, family }) => [
      this.values.name(given),
      this.values.name(family),
      this.values.text(middle),
    ]);
    const addresses = record.addresses.map(({ number, street, suburb, postcode }) =>
      [number, street, suburb, postcode].map((text) => this.values.text(text)),
    );
    const phones = record.phones.map((phone) => [hashCode(phone), this.values.appendCode(phone)]);
    const emails = record.emails.map((email) => [hashCode(email), this.values.appendCode(email), hashMailbox(email)]);
    const identifiers = record.identifiers.map(({ system, value }) => [
      hashCode(system),
      hashCode(value),
      this.values.appendCode(value),
    ]);
    const mother = this.values.text(record.mother);
    const motherGiven = this.values.text(record.motherGiven);
    const lists = [names, addresses, phones, emails, identifiers];
    const extras = lists.some((list) => list.length > 1) ? this.addExtras(lists) : 0;
    const at = this.rows.take(ROW_INTS);
    const row = this.rows.ints;
    names[0]?.forEach((value, i) => (row[at + ROW.given + i] = value));
    row[at + ROW.birth] = record.birthDate;
    row[at + ROW.flags] = record.sex | (record.suffix << 2) | (record.order << 5);
    addresses[0]?.forEach((value, i) => (row[at + ROW.number + i] = value));
    phones[0]?.forEach((value, i) => (row[at + ROW.phone + i] = value));
    emails[0]?.slice(0, 2).forEach((value, i) => (row[at + ROW.email + i] = value));
    row[at + ROW.mailbox] = emails[0]?.[2] ?? 0;
    identifiers[0]?.forEach((value, i) => (row[at + ROW.idSystem + i] = value));
    row[at + ROW.mother] = mother;
    row[at + ROW.motherGiven] = motherGiven;
    row[at + ROW.extras] = extras;
    return at / ROW_INTS;
  }

  private addExtras(lists: readonly (readonly (readonly number[])[])[]): number {
    const further = lists.map((list) => list.slice(1));
    const flat = further.flatMap((list) => [list.length, ...list.flat()]);
    const at = this.extras.take(flat.length);
    this.extras.ints.set(flat, at);
    return at;
  }
}

/** The hash of a code; never 0, which is none. */
export function hashCode(text: string): number {
  return hashText(text) || 1;
}

export function hashMailbox(email: string): number {
  const mailbox = email.split('@', 1)[0];
  return mailbox.length < 4 ? 0 : hashCode(mailbox);
}
