import { type Pool } from 'pg';
import { copyRows, int8Of } from '@chartledger/database';
import { type DataKeys } from '@chartledger/security';
import { type PersonFields } from '../engine/person-fields.js';
import { recordName, type RecordName } from '../persons/person-entries.js';
import { OPEN_END } from '../persons/persons.tables.js';
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

  /** The versions after `position`, in order, deletions too; of a record that changed more than once, each. */
  changes(schema: string, chain: number, position: number, limit: number): Promise<PatientVersion[]> {
    return this.page(
      chain,
      `select ${COLUMNS} from ${schema}.patient where chain = ${chain} and seq_from > ${position}
        order by seq_from limit ${limit}`,
    );
  }

  /** The records of a chain that have a version which is not readable any more: its data key was destroyed. */
  async unreadable(schema: string, chain: number): Promise<RecordName[]> {
    const { rows } = await this.pool.query<{ source: string; id: string }>(
      `select p.source, p.id from ${schema}.patient p join security.data_key k on k.id = p.key
        where p.chain = $1 and p.seq_to = ${OPEN_END} and p.sealed is not null and k.wrapped is null`,
      [chain],
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
