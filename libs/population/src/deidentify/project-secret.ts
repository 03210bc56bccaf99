import { createHmac } from 'node:crypto';

/** Hexadecimal digits of a key: 128 bits, so that two records never share one. */
const KEY_DIGITS = 32;

/** The largest shift of a date in days, to either side: a year hides the season as well. */
export const SHIFT_DAYS = 365;

/** What makes keys and shifts of one project: from another project's they tell nothing. */
export class ProjectSecret {
  private constructor(private readonly secret: Buffer) {}

  /** What the secrets of all projects are derived from: the same after a restart, in every process, and from a backup. */
  static master(pseudonymKey: Buffer): Buffer {
    return createHmac('sha256', pseudonymKey).update('chartledger/projects/v1').digest();
  }

  /** @param master at least 32 bytes, kept as secret as the keys of the ledger. */
  static derive(master: Buffer, project: string): ProjectSecret {
    if (master.length < 32) throw new RangeError('the secret of projects has fewer than 32 bytes');
    return new ProjectSecret(createHmac('sha256', master).update(`deidentify:${project}`).digest());
  }

  key(value: string): string {
    return this.hmac(`key:${value}`).slice(0, KEY_DIGITS);
  }

  /** Days by which the dates of a person are moved, from -`SHIFT_DAYS` to `SHIFT_DAYS` and never 0. */
  shiftDays(person: string): number {
    const number = parseInt(this.hmac(`shift:${person}`).slice(0, 12), 16) % (2 * SHIFT_DAYS);
    return number < SHIFT_DAYS ? number - SHIFT_DAYS : number - SHIFT_DAYS + 1;
  }

  /** `key` in SQL of DuckDB. The secret stands in it as text: for our own process only, never logged, never an analyst's. */
  keySql(value: string): string {
    return `left(${this.hmacSql('key:', value)}, ${KEY_DIGITS})`;
  }

  shiftDaysSql(person: string): string {
    const number = `(('0x' || left(${this.hmacSql('shift:', person)}, 12))::BIGINT % ${2 * SHIFT_DAYS})::INTEGER - ${SHIFT_DAYS}`;
    return `(${number} + CASE WHEN ${number} >= 0 THEN 1 ELSE 0 END)`;
  }

  private hmac(message: string): string {
    return createHmac('sha256', this.secret).update(message).digest('hex');
  }

  /** RFC 2104 over DuckDB's sha256, which has no HMAC. */
  private hmacSql(label: string, value: string): string {
    const pad = (byte: number): string => {
      const block = Buffer.alloc(64, byte);
      this.secret.forEach((each, at) => (block[at] ^= each));
      return block.toString('hex');
    };
    return `sha256(unhex('${pad(0x5c)}' || sha256(unhex('${pad(0x36)}') || encode('${label}' || ${value}))))`;
  }
}
