import { randomBytes, randomUUID } from 'node:crypto';
import { type Pool } from 'pg';
import { type DataSource } from 'typeorm';
import { byteaArray, poolOf, run, textArray, type Statement } from '@chartledger/database';
import { NotFoundError } from '@chartledger/platform';
import { unwrapKey, wrapKey, type StoredKey } from './key-wrap.js';
import { keyCommitment, type DataKey } from './payload-cipher.js';

/** 32-byte secrets with their maps: some 30 MB at most. */
const CACHED_KEYS = 100_000;

const FIND: Statement = {
  name: 'data-keys.find',
  text: `select id, encode(owner, 'hex') as owner, wrapped from security.data_key where owner = any ($1::bytea[])`,
};

const ADD: Statement = {
  name: 'data-keys.add',
  text: `insert into security.data_key (id, owner, wrapped)
    select id::uuid, owner, wrapped from unnest($1::text[], $2::bytea[], $3::bytea[]) as key (id, owner, wrapped)
    on conflict (owner) do nothing returning id`,
};

const BY_ID: Statement = {
  name: 'data-keys.by-id',
  text: `select id, encode(owner, 'hex') as owner, wrapped from security.data_key where id = any ($1::text[]::uuid[])`,
};

const DESTROYED: Statement = {
  name: 'data-keys.destroyed',
  text: 'select key from security.shredded',
};

const DESTROY: Statement = {
  name: 'data-keys.destroy',
  text: 'update security.data_key set wrapped = null where id = any ($1::text[]::uuid[])',
};

/**
 * The data keys, wrapped by the key-encryption key. An owner is the pseudonym of a patient, or of a record that belongs
 * to no patient: whose key is destroyed, whose records are unreadable.
 */
export class DataKeys {
  private readonly pool: Pool;
  private byOwner = new Map<string, DataKey>();
  private byId = new Map<string, DataKey>();
  /** Destroyed, as far as is known here: a look-up that began before must not bring one back. */
  private readonly gone = new Set<string>();
  /** How many keys were needed, by where they came from. */
  readonly lookups = { cache: 0, store: 0, made: 0 };

  constructor(
    source: DataSource,
    private readonly kek: Buffer,
  ) {
    this.pool = poolOf(source);
  }

  /**
   * The key of each owner, made where there is none; durable before it is returned. `fresh` names owners that cannot have
   * a key yet (a record that is being created), which saves the look-up.
   */
  async ensure(owners: ReadonlySet<string>, fresh: ReadonlySet<string>): Promise<Map<string, DataKey>> {
    const keys = new Map<string, DataKey>();
    let missing: string[] = [];
    for (const owner of owners) {
      const key = this.byOwner.get(owner);
      if (key) keys.set(owner, key);
      else missing.push(owner);
    }
    this.lookups.cache += keys.size;
    const known = missing.filter((owner) => !fresh.has(owner));
    if (known.length > 0) {
      for (const [owner, key] of await this.find(known)) keys.set(owner, key);
      missing = missing.filter((owner) => !keys.has(owner));
    }
    if (missing.length > 0) for (const [owner, key] of await this.add(missing)) keys.set(owner, key);
    return keys;
  }

  /** The keys with these ids; an id whose key was destroyed is absent. @throws NotFoundError for an id that never was. */
  async byIds(ids: ReadonlySet<string>): Promise<Map<string, DataKey>> {
    const keys = new Map<string, DataKey>();
    const missing: string[] = [];
    for (const id of ids) {
      const key = this.byId.get(id);
      if (key) keys.set(id, key);
      else missing.push(id);
    }
    this.lookups.cache += keys.size;
    if (missing.length === 0) return keys;
    const rows = await run<StoredKey>(this.pool, BY_ID, [textArray(missing)]);
    for (const row of rows)
      if (row.wrapped && !this.gone.has(row.id)) keys.set(row.id, this.remember(row.owner, this.unwrap(row)));
    this.lookups.store += rows.length;
    const found = new Set(rows.map((row) => row.id));
    const never = missing.find((id) => !found.has(id));
    if (never) throw neverStored(never);
    return keys;
  }

  /**
   * Destroys keys, for good: nobody reads what was encrypted under them. Backups have keys too: see docs/backup.md.
   */
  async destroy(ids: ReadonlySet<string>): Promise<void> {
    await run(this.pool, DESTROY, [textArray([...ids])]);
    this.forget(ids);
  }

  /** The keys that were destroyed, here or by another process. From then on they are not used here. */
  async destroyed(): Promise<ReadonlySet<string>> {
    const rows = await run<{ key: string }>(this.pool, DESTROYED, []);
    this.forget(rows.map(({ key }) => key));
    return new Set(this.gone);
  }

  /** Keys that were destroyed: what is encrypted under them cannot be read here any more. */
  forget(ids: Iterable<string>): void {
    const fresh = new Set([...ids].filter((id) => !this.gone.has(id)));
    if (fresh.size === 0) return;
    for (const id of fresh) {
      this.gone.add(id);
      this.byId.delete(id);
    }
    for (const [owner, { id }] of this.byOwner) if (fresh.has(id)) this.byOwner.delete(owner);
  }

  /**
   * The secret of a key whose row was read beside what it encrypts; it is not remembered. For those who read everything
   * once. Undefined where it was destroyed. @param owner undefined: there is no such row.
   * @throws NotFoundError for an id that never was.
   */
  secretOf(id: string, owner: Buffer | undefined, wrapped: Buffer | undefined): Pick<DataKey, 'secret'> | undefined {
    if (!owner) throw neverStored(id);
    return wrapped && { secret: unwrapKey(this.kek, id, owner.toString('hex'), wrapped) };
  }

  private async find(owners: string[]): Promise<Map<string, DataKey>> {
    const rows = await run<StoredKey>(this.pool, FIND, [byteaArray(owners.map((owner) => Buffer.from(owner, 'hex')))]);
    this.lookups.store += rows.length;
    return new Map(
      rows.filter((row) => row.wrapped).map((row) => [row.owner, this.remember(row.owner, this.unwrap(row))]),
    );
  }

  private async add(owners: string[]): Promise<Map<string, DataKey>> {
    const secrets = randomBytes(32 * owners.length);
    const made = owners.map((owner, index) => {
      const secret = secrets.subarray(32 * index, 32 * index + 32);
      return { owner, key: { id: randomUUID(), secret, commit: keyCommitment(secret) } };
    });
    const rows = await run<{ id: string }>(this.pool, ADD, [
      textArray(made.map(({ key }) => key.id)),
      byteaArray(owners.map((owner) => Buffer.from(owner, 'hex'))),
      byteaArray(made.map(({ owner, key }) => wrapKey(this.kek, key.id, owner, key.secret))),
    ]);
    const accepted = new Set(rows.map((row) => row.id));
    this.lookups.made += accepted.size;
    const keys = new Map<string, DataKey>();
    const lost: string[] = [];
    for (const { owner, key } of made) {
      if (accepted.has(key.id)) keys.set(owner, this.remember(owner, key));
      else lost.push(owner);
    }
    // Another process made these in the meantime; its keys are the owners' keys.
    if (lost.length > 0) for (const [owner, key] of await this.find(lost)) keys.set(owner, key);
    return keys;
  }

  private unwrap({ id, owner, wrapped }: StoredKey): DataKey {
    const secret = unwrapKey(this.kek, id, owner, wrapped!);
    return { id, secret, commit: keyCommitment(secret) };
  }

  private remember(owner: string, key: DataKey): DataKey {
    if (this.gone.has(key.id)) return key;
    if (this.byOwner.size >= CACHED_KEYS) this.byOwner = new Map();
    if (this.byId.size >= CACHED_KEYS) this.byId = new Map();
    this.byOwner.set(owner, key);
    this.byId.set(key.id, key);
    return key;
  }
}

function neverStored(id: string): NotFoundError {
  return new NotFoundError(
    `the data key ${id} is not in the key store: restore the key store (schema security) from its backup`,
  );
}
