import { type Pool } from 'pg';
import { copyRows, int8Of } from '@chartledger/database';
import { type DataKeys } from '@chartledger/security';
import { type PersonFields } from '../engine/person-fields.js';
import { recordName, type RecordName } from '../persons/person-entries.js';
import { openFields } from './sealed-fields.js';

/** A version of a Patient record. */
export interface PatientVersion {
  name: RecordName;
  chain: number;
  seq: number;
  /** When it was recorded, in ms since the epoch. */
  time: number;
  /** Undefined: the record was deleted, or its data key was destroyed. */
  fields: PersonFields | undefined;
  /** It is known to be the record's first version. */
  isFirst?: boolean;
}

/** Rows of one page: some 8 MB. */
const PAGE_ROWS = 20_000;

type Row = (Buffer | undefined)[];

/** Reads the view `matching`. */
export class FeatureStore {
  constructor(
    private readonly pool: Pool,
    private readonly keys: DataKeys,
  ) {}

  /**
   * The versions that held at `position` of the chain, in order of their entries; those that cannot be read left out. While
   * the caller works on a page the next one is read.
   */
  async *standing(schema: string, chain: number, position: number): AsyncGenerator<PatientVersion[]> {
    const after = (seq: number): Promise<Row[]> =>
      this.rows(
        schema,
        `p.chain = ${chain} and p.seq_from > ${seq} and p.seq_from <= ${position} and p.seq_to > ${position}
          and p.sealed is not null`,
        PAGE_ROWS,
      );
    let next = after(-1);
    for (;;) {
      const rows = await next;
      if (rows.length === 0) return;
      next = rows.length < PAGE_ROWS ? Promise.resolve([]) : after(int8Of(rows[rows.length - 1][0]));
      // Met where it is waited for; nobody does where the caller ends first.
      next.catch(() => undefined);
      yield this.opened(chain, rows).filter(({ fields }) => fields !== undefined);
    }
  }

  /** How many versions hold at `position` of the chain. */
  async count(schema: string, chain: number, position: number): Promise<number> {
    const { rows } = await this.pool.query<{ count: number }>(
      `select count(*)::float8 as count from ${schema}.patient
        where chain = $1 and seq_from <= $2 and seq_to > $2 and sealed is not null`,
      [chain, position],
    );
    return rows[0].count;
  }

  /** The versions after `position`, in order, deletions too; of a record that changed more than once, each. */
  async changes(schema: string, chain: number, position: number, limit: number): Promise<PatientVersion[]> {
    return this.opened(chain, await this.rows(schema, `p.chain = ${chain} and p.seq_from > ${position}`, limit));
  }

  /** The data keys that were destroyed; what is under them is not readable from now on. */
  destroyedKeys(): Promise<ReadonlySet<string>> {
    return this.keys.destroyed();
  }

  /** Gives up what the records of a chain said under keys that were destroyed. Returns the records. */
  async forget(schema: string, chain: number, keys: readonly string[]): Promise<RecordName[]> {
    if (keys.length === 0) return [];
    const { rows } = await this.pool.query<{ source: string; id: string }>(
      `with forgotten as (
        update ${schema}.patient set sealed = null where chain = $1 and key = any ($2::uuid[]) and sealed is not null
      ) select distinct source, id from ${schema}.patient where chain = $1 and key = any ($2::uuid[])`,
      [chain, keys],
    );
    return rows.map(({ source, id }) => recordName({ source, patient: id }));
  }

  /** With the keys beside them: one question for both. */
  private rows(schema: string, condition: string, limit: number): Promise<Row[]> {
    return copyRows(
      this.pool,
      `select p.seq_from, p.time, p.source, p.id, p.key::text, k.owner, k.wrapped, p.sealed
        from ${schema}.patient p left join security.data_key k on k.id = p.key
        where ${condition} order by p.seq_from limit ${limit}`,
    );
  }

  private opened(chain: number, rows: readonly Row[]): PatientVersion[] {
    return rows.map(([seq, time, sourceName, id, keyId, owner, wrapped, sealed]) => {
      const [source, patient] = [sourceName!.toString('utf8'), id!.toString('utf8')];
      const key = sealed && this.keys.secretOf(keyId!.toString('latin1'), owner, wrapped);
      const fields = key && openFields(key, source, patient, sealed);
      return { name: recordName({ source, patient }), chain, seq: int8Of(seq), time: int8Of(time), fields };
    });
  }
}
