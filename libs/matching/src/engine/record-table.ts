import { codeKey } from './code-key.js';
import { hashCode, hashHalves, hashMailbox } from './code-hash.js';
import { GrowingInts } from './growing-array.js';
import { type PreparedRecord } from './prepare.js';
import { type ValueArrays, type Values } from './values.js';

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
  /** Hashes of an identifier's first and last half: they agree where the other half is wrong. */
  idStart: 20,
  idEnd: 21,
} as const;
export const ROW_INTS = 22;

/** Integers of one more name, address, code and identifier in the extras, in this order, each kind with its count first. */
export const EXTRA = { name: 3, address: 4, code: 2, email: 3, identifier: 5 } as const;

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

  /** Adds a row that was filled elsewhere; returns its number. */
  addRow(row: Int32Array): number {
    const at = this.rows.take(ROW_INTS);
    this.rows.ints.set(row, at);
    return at / ROW_INTS;
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
      ...hashHalves(value),
    ]);
    const mother = this.values.text(record.mother);
    const motherGiven = this.values.text(record.motherGiven);
    const row = new Int32Array(ROW_INTS);
    row[ROW.birth] = record.birthDate;
    row[ROW.flags] = record.sex | (record.suffix << 2) | (record.order << 5);
    row[ROW.mother] = mother;
    row[ROW.motherGiven] = motherGiven;
    this.setLists(row, 0, [names, addresses, phones, emails, identifiers]);
    return this.addRow(row);
  }

  /** Writes the first of each kind into a row, the further ones into the extras. */
  private setLists(row: Int32Array, at: number, lists: readonly (readonly (readonly number[])[])[]): void {
    LISTS.forEach(({ place, size }, kind) => {
      for (let i = 0; i < size; i++) row[at + place[i]] = lists[kind][0]?.[i] ?? 0;
    });
    row[at + ROW.extras] = 0;
    if (lists.every((list) => list.length < 2)) return;
    const flat = lists.map((list) => list.slice(1)).flatMap((list) => [list.length, ...list.flat()]);
    const extras = this.extras.take(flat.length);
    this.extras.ints.set(flat, extras);
    row[at + ROW.extras] = extras;
  }

  /** The names, addresses, phones, e-mails and identifiers of a row. */
  private lists(row: Int32Array, at: number): number[][][] {
    const extras = this.extras.ints;
    let from = row[at + ROW.extras];
    return LISTS.map(({ place, size }) => {
      const items = [place.map((column) => row[at + column])];
      if (row[at + ROW.extras] === 0) return items;
      const count = extras[from++];
      for (let i = 0; i < count; i++, from += size) items.push([...extras.subarray(from, from + size)]);
      return items;
    });
  }

  /** Takes codes and birth dates out of all rows, by `codeKey`, as `withoutPlaceholders` does of a prepared record. */
  drop(placeholders: ReadonlySet<number>): void {
    if (placeholders.size === 0) return;
    const rows = this.rows.ints;
    for (let at = 0; at < this.rows.length; at += ROW_INTS) {
      if (placeholders.has(codeKey('birthDate', rows[at + ROW.birth]))) rows[at + ROW.birth] = 0;
      const lists = this.lists(rows, at);
      const kept = lists.map((list, kind) => list.filter((item) => !placeholders.has(listKey(kind, item))));
      if (kept.some((list, kind) => list.length < lists[kind].length)) this.setLists(rows, at, kept);
    }
  }
}

/** Where the first of each kind stands in a row, and the integers of one; the extras have them in this order. */
export const LISTS = [
  { place: [ROW.given, ROW.family, ROW.middle], size: EXTRA.name },
  { place: [ROW.number, ROW.street, ROW.suburb, ROW.postcode], size: EXTRA.address },
  { place: [ROW.phone, ROW.phoneAt], size: EXTRA.code },
  { place: [ROW.email, ROW.emailAt, ROW.mailbox], size: EXTRA.email },
  { place: [ROW.idSystem, ROW.id, ROW.idAt, ROW.idStart, ROW.idEnd], size: EXTRA.identifier },
] as const;

function listKey(kind: number, item: readonly number[]): number {
  if (kind === 2) return codeKey('phone', item[0]);
  if (kind === 3) return codeKey('email', item[0]);
  return kind === 4 ? codeKey('identifier', item[1], item[0]) : 0;
}
