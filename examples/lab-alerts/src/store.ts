import { Pool, type PoolClient } from 'pg';
import { type Alert, type NumberedAlert } from './alert.js';

/** `position`: how far the changes of a chain were handled, and how many alerts they gave. */
const TABLES = `
  create schema if not exists lab_alerts;
  create table if not exists lab_alerts.position (
    chain int4 primary key, seq int8 not null, alerts int8 not null
  );
  create table if not exists lab_alerts.alert (
    chain int4 not null, number int8 not null, id text not null unique, time text not null, source text not null,
    record text not null, version int4 not null, code text not null, name text not null, bound text not null,
    "limit" float8 not null, unit text not null,
    primary key (chain, number)
  )`;

/** The service's own view: the alerts, and in the same transaction how far the changes were handled. */
export class Store {
  private readonly pool: Pool;

  constructor(databaseUrl: string) {
    this.pool = new Pool({ connectionString: databaseUrl });
    // A connection that is lost while nobody uses it: the next question opens another.
    this.pool.on('error', () => undefined);
  }

  async open(): Promise<void> {
    await this.transaction(async (client) => {
      // Two instances that start at once must not make the same table at once.
      await client.query(`select pg_advisory_xact_lock(hashtext('lab_alerts'))`);
      await client.query(TABLES);
    });
  }

  /** `seq` of the last change that was handled, -1 for none. */
  async position(chain: number): Promise<number> {
    await this.pool.query('insert into lab_alerts.position values ($1, -1, 0) on conflict do nothing', [chain]);
    const { rows } = await this.pool.query('select seq from lab_alerts.position where chain = $1', [chain]);
    return Number(rows[0].seq);
  }

  /**
   * Adds the alerts of the changes after `from` up to `to`, and moves the position: both or neither.
   * @throws Error when the position is not `from`: another instance handles this chain.
   */
  async save(chain: number, from: number, to: number, alerts: readonly Alert[]): Promise<void> {
    await this.transaction(async (client) => {
      const { rows } = await client.query(
        `update lab_alerts.position set seq = $3, alerts = alerts + $4 where chain = $1 and seq = $2
         returning alerts - $4 as before`,
        [chain, from, to, alerts.length],
      );
      if (rows.length === 0) throw new Error(`chain ${chain} is not at ${from} any more: another instance handles it`);
      for (const [index, { event, code, name, bound, limit, unit }] of alerts.entries()) {
        const { source, record, version } = event.data;
        await client.query('insert into lab_alerts.alert values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)', [
          chain,
          Number(rows[0].before) + index + 1,
          event.id,
          event.time,
          source,
          record,
          version,
          code,
          name,
          bound,
          limit,
          unit,
        ]);
      }
    });
  }

  /** Alerts of a chain after a number, in order, up to `count`. */
  async alertsAfter(chain: number, number: number, count: number): Promise<NumberedAlert[]> {
    const { rows } = await this.pool.query<NumberedAlert>(
      `select chain, number::float8 as number, id, time, source, record, version, code, name, bound, "limit", unit
       from lab_alerts.alert where chain = $1 and number > $2 order by number limit $3`,
      [chain, number, count],
    );
    return rows;
  }

  private async transaction(work: (client: PoolClient) => Promise<void>): Promise<void> {
    const client = await this.pool.connect();
    let failure: Error | undefined;
    try {
      await client.query('begin');
      await work(client);
      await client.query('commit');
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      // The end of the connection is the rollback.
      client.release(failure);
    }
  }
}
