import { editDistance } from './edit-distance.js';
import { ROW, type TableArrays } from './record-table.js';
import { better, listOf } from './row-lists.js';

const EMAIL_LEVEL = { missing: 0, exact: 1, mailbox: 2, similar: 3, differs: 4 } as const;
const ID_LEVEL = { missing: 0, exact: 1, near: 2, mixed: 3, differs: 4 } as const;

/** Compares identifiers and e-mail addresses of two rows. */
export class CodesComparer {
  private arrays!: TableArrays;

  use(arrays: TableArrays): void {
    this.arrays = arrays;
  }

  identifiers(a: number, b: number): number {
    const { rows } = this.arrays;
    if (rows[a + ROW.id] === 0 || rows[b + ROW.id] === 0) return ID_LEVEL.missing;
    if (rows[a + ROW.extras] === 0 && rows[b + ROW.extras] === 0)
      return this.compareIdentifier(rows, a + ROW.idSystem, rows, b + ROW.idSystem);
    let best: number = ID_LEVEL.missing;
    let differs = false;
    for (const x of listOf(this.arrays, a, 3)) {
      for (const y of listOf(this.arrays, b, 3)) {
        const level = this.compareIdentifier(x.ints, x.at, y.ints, y.at);
        best = better(best, level);
        if (level === ID_LEVEL.differs) differs = true;
      }
    }
    return best === ID_LEVEL.exact && differs ? ID_LEVEL.mixed : best;
  }

  private compareIdentifier(x: Int32Array, a: number, y: Int32Array, b: number): number {
    if (x[a] !== y[b]) return ID_LEVEL.missing;
    if (x[a + 1] === y[b + 1]) return ID_LEVEL.exact;
    return codeDistance(this.arrays.units, x[a + 2], y[b + 2], 1) <= 1 ? ID_LEVEL.near : ID_LEVEL.differs;
  }

  emails(a: number, b: number): number {
    const { rows } = this.arrays;
    if (rows[a + ROW.email] === 0 || rows[b + ROW.email] === 0) return EMAIL_LEVEL.missing;
    if (rows[a + ROW.extras] === 0 && rows[b + ROW.extras] === 0)
      return this.compareEmail(rows, a + ROW.email, rows[a + ROW.mailbox], rows, b + ROW.email, rows[b + ROW.mailbox]);
    let best: number = EMAIL_LEVEL.missing;
    for (const x of listOf(this.arrays, a, 2))
      for (const y of listOf(this.arrays, b, 2))
        best = better(best, this.compareEmail(x.ints, x.at, x.third, y.ints, y.at, y.third));
    return best;
  }

  private compareEmail(x: Int32Array, a: number, mailboxA: number, y: Int32Array, b: number, mailboxB: number): number {
    if (x[a] === y[b]) return EMAIL_LEVEL.exact;
    if (mailboxA !== 0 && mailboxA === mailboxB) return EMAIL_LEVEL.mailbox;
    const atA = x[a + 1];
    const atB = y[b + 1];
    const { units } = this.arrays;
    const lengthA = units[atA];
    const lengthB = units[atB];
    const most = Math.min(5, Math.min(lengthA, lengthB) >> 2);
    if (Math.abs(lengthA - lengthB) > most) return EMAIL_LEVEL.differs;
    return editDistance(units, atA + 1, lengthA, atB + 1, lengthB) <= most ? EMAIL_LEVEL.similar : EMAIL_LEVEL.differs;
  }
}

/** Edits between two codes; more than `most` where a look at them says so. */
export function codeDistance(units: Uint16Array, a: number, b: number, most: number): number {
  const lengthA = units[a];
  const lengthB = units[b];
  if (Math.abs(lengthA - lengthB) > most || lengthA < 5) return most + 1;
  if (lengthA === lengthB) {
    let apart = 0;
    for (let at = 1; at <= lengthA && apart <= 2 * most; at++) if (units[a + at] !== units[b + at]) apart++;
    if (apart <= 1) return apart;
    if (apart > 2 * most && units[a + 1] !== units[b + 1] && units[a + lengthA] !== units[b + lengthA]) return most + 1;
  }
  return editDistance(units, a + 1, lengthA, b + 1, lengthB);
}
