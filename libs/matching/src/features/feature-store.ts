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
}

/** Rows of one page: some 8 MB. */
const PAGE_ROWS = 20_000;

const COLUMNS = 'seq_from, time, source, id, key::text, sealed';

/** Reads the view `matching`. */
export class FeatureStore {
  constructor(
    private readonly pool: Pool,
    private readonly keys: DataKeys,
  ) {}

  /** The versions that held at `position` of the chain, in order of their entries; those that cannot be read left out. */
  async *standing(schema: string, chain: number, position: number): AsyncGenerator<PatientVersion[]> {
    for (let last = -1; ;) {
      const page = await this.page(
        chain,
        `select ${COLUMNS} from ${schema}.patient where chain = ${chain} and seq_from > ${last} and seq_from <= ${position}
          and seq_to > ${position} and sealed is not null order by seq_from limit ${PAGE_ROWS}`,
      );
      if (page.length === 0) return;
      last = page[page.length - 1].seq;
      yield page.filter(({ fields }) => fields !== undefined);
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
  changes(schema: string, chain: number, position: number, limit: number): Promise<PatientVersion[]> {
    return this.page(
      chain,
      `select ${COLUMNS} from ${schema}.patient where chain = ${chain} and seq_from > ${position}
        order by seq_from limit ${limit}`,
    );
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

  private async page(chain: number, query: string): Promise<PatientVersion[]> {
    const rows = await copyRows(this.pool, query);
    const keys = await this.keys.byIds(new Set(rows.map((row) => row[4]!.toString('latin1'))));
    return rows.map(([seq, time, source, id, keyId, sealed]) => {
      const key = keys.get(keyId!.toString('latin1'));
      const [sourceName, patient] = [source!.toString('utf8'), id!.toString('utf8')];
      return {
        name: recordName({ source: sourceName, patient }),
        chain,
        seq: int8Of(seq),
        time: int8Of(time),
        fields: key && sealed ? openFields(key, sourceName, patient, sealed) : undefined,
      };
    });
  }
}
