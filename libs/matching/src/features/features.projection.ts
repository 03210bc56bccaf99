import { type PoolClient } from 'pg';
import { byteaArray, type Statement } from '@chartledger/database';
import { recordChange, SYSTEM_CHAIN } from '@chartledger/ledger';
import { applyStep, MOVE_POSITION, type ProjectedEntry, type Projection, type Step } from '@chartledger/projection';
import { type DataKeys } from '@chartledger/security';
import { Columns, int8, OPEN, text } from '../columns.js';
import { fieldsOfFacts } from '../fields/person-fields-of.js';
import { sealFields } from './sealed-fields.js';
import { featureTables } from './features.tables.js';
import { OPEN_END } from '../persons/persons.tables.js';

export const FEATURES = 'matching';

/** After those of MOVE_POSITION. */
const FIRST_PARAMETER = 6;
const NOTHING = Buffer.alloc(0);

interface Row {
  seq: number;
  to?: number;
  source: string;
  id: string;
  time: number;
  key: string;
  sealed: Buffer;
}

/** What every Patient of the sources says of a person: what matching looks for others with. Readable while its key is. */
export class FeaturesProjection implements Projection {
  readonly name = FEATURES;

  constructor(private readonly keys: DataKeys) {}

  reads(chain: number): boolean {
    return chain !== SYSTEM_CHAIN;
  }

  createTables(schema: string): string {
    return featureTables(schema);
  }

  async apply(client: PoolClient, step: Step, entries: readonly ProjectedEntry[]): Promise<boolean> {
    const rows = await this.rowsOf(entries);
    const ended = new Map<string, Row>();
    const latest = new Map<string, Row>();
    for (const row of rows) {
      const record = `${row.source}/${row.id}`;
      const before = latest.get(record);
      if (before) before.to = row.seq;
      else ended.set(record, row);
      latest.set(record, row);
    }
    const columns = new Columns(FIRST_PARAMETER);
    const statement = applyFeatures(step.schema, rows, [...ended.values()], columns);
    return applyStep(client, step, statement, columns.parameters);
  }

  private async rowsOf(entries: readonly ProjectedEntry[]): Promise<Row[]> {
    const patients = entries.filter(
      ({ envelope, id }) =>
        envelope.type === 'Patient' && id !== undefined && (recordChange(envelope) ?? 'confirm') !== 'confirm',
    );
    if (patients.length === 0) return [];
    const keys = await this.keys.byIds(new Set(patients.map(({ envelope }) => envelope.payload.key)));
    return patients.map(({ seq, time, envelope, id, facts }): Row => {
      const { source, payload } = envelope;
      const key = keys.get(payload.key);
      const sealed =
        key && facts.demographics ? sealFields(key, source, id!, fieldsOfFacts(facts.demographics, source)) : NOTHING;
      return { seq, source, id: id!, time, key: payload.key, sealed };
    });
  }
}

/** One statement, so one round trip and one commit. `first`: of the rows of each record, the first. */
function applyFeatures(schema: string, rows: readonly Row[], first: readonly Row[], columns: Columns): Statement {
  const ended = columns.table('e', {
    seq: int8(first.map(({ seq }) => seq)),
    source: text(first.map(({ source }) => source)),
    id: text(first.map(({ id }) => id)),
  });
  const added = columns.table('p', {
    seq_from: int8(rows.map(({ seq }) => seq)),
    seq_to: int8(rows.map(({ to }) => to ?? OPEN)),
    source: text(rows.map(({ source }) => source)),
    id: text(rows.map(({ id }) => id)),
    time: int8(rows.map(({ time }) => time)),
    key: text(rows.map(({ key }) => key)),
    sealed: { type: 'bytea', array: byteaArray(rows.map(({ sealed }) => sealed)) },
  });
  return {
    name: `matching.apply.${schema}`,
    text: `with ${MOVE_POSITION}, ended as (
      update ${schema}.patient p set seq_to = e.seq from moved, ${ended}
      where p.source = e.source and p.id = e.id and p.seq_to = ${OPEN_END}
    ), added as (
      insert into ${schema}.patient (chain, seq_from, seq_to, source, id, time, key, sealed)
      select moved.chain, p.seq_from, p.seq_to, p.source, p.id, p.time, p.key::uuid, nullif(p.sealed, ''::bytea)
      from moved, ${added}
    ) select chain from moved`,
  };
}
