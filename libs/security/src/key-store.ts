import { type Pool } from 'pg';
import { type DataSource } from 'typeorm';
import { byteaArray, poolOf, run, textArray, type Statement } from '@chartledger/database';
import { unwrapKey, type StoredKey } from './key-wrap.js';

/** Rows of one read or write: about a megabyte. */
const BATCH = 5_000;
/** Before every other. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

const PAGE: Statement = {
  name: 'key-store.page',
  text: `select id, encode(owner, 'hex') as owner, wrapped from security.data_key where id > $1::uuid order by id limit ${BATCH}`,
};

/** An empty `wrapped` stands for none. A key that was destroyed, here or there, stays destroyed. */
const ADD: Statement = {
  name: 'key-store.add',
  text: `insert into security.data_key (id, owner, wrapped)
    select id::uuid, owner, nullif(wrapped, ''::bytea)
    from unnest($1::text[], $2::bytea[], $3::bytea[]) as key (id, owner, wrapped)
    on conflict (id) do update set wrapped = null where excluded.wrapped is null`,
};

/** The key store as a whole, wrapped as it is: what a backup takes and a restore brings back. Used keys: see `DataKeys`. */
export class KeyStore {
  private readonly pool: Pool;

  constructor(
    source: DataSource,
    private readonly kek: Buffer,
  ) {
    this.pool = poolOf(source);
  }

  /** Every key that was there at the call, by id. A key that is made meanwhile may or may not come too. */
  async *keys(): AsyncGenerator<StoredKey[]> {
    let last = NO_ID;
    for (;;) {
      const rows = await run<StoredKey>(this.pool, PAGE, [last]);
      if (rows.length === 0) return;
      yield rows;
      last = rows[rows.length - 1].id;
    }
  }

  /** Safe to repeat. @throws Error when an owner has another key here already: the store is another ledger's. */
  async add(keys: readonly StoredKey[]): Promise<void> {
    for (let from = 0; from < keys.length; from += BATCH) {
      const batch = keys.slice(from, from + BATCH);
      await run(this.pool, ADD, [
        textArray(batch.map(({ id }) => id)),
        byteaArray(batch.map(({ owner }) => Buffer.from(owner, 'hex'))),
        byteaArray(batch.map(({ wrapped }) => wrapped ?? Buffer.alloc(0))),
      ]);
    }
  }

  /** @throws ConfigurationError when the key does not open under this ledger's key-encryption key. */
  requireOpens({ id, owner, wrapped }: StoredKey): void {
    if (wrapped) unwrapKey(this.kek, id, owner, wrapped);
  }
}
