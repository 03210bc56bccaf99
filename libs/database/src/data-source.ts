import 'reflect-metadata';
import { type PoolClient } from 'pg';
import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';
import { ConfigurationError } from '@chartledger/platform';
import { type Connection } from './connection.js';

/** The role under which the program works. It owns no table of the ledger, so it cannot change or remove an entry. */
export const APPLICATION_ROLE = 'chartledger_app';

/** Dedicated connections (a writer per chain, one per projection, one that listens) and a few for reads. */
export const POOL_SIZE = 24;

type Class<T> = new () => T;

/** What a lib brings to the database: its tables as entities and the migrations that make them. */
export interface DatabaseParts {
  entities: (Class<object> | EntitySchema)[];
  migrations: Class<MigrationInterface>[];
}

export function joinParts(...parts: DatabaseParts[]): DatabaseParts {
  return { entities: parts.flatMap((part) => part.entities), migrations: parts.flatMap((part) => part.migrations) };
}

/** Brings the schema up to date, as its owner. Safe to run from several processes at once. */
export async function migrate(connection: Connection, parts: DatabaseParts): Promise<void> {
  const owner = newDataSource(connection, parts, { max: 1 });
  await owner.initialize();
  try {
    // One migrator at a time; the others find nothing left to do.
    const runner = owner.createQueryRunner();
    await runner.query(`select pg_advisory_lock(hashtext('chartledger migrations'))`);
    await runner.query(CREATE_ROLE);
    await runner.query(`grant ${APPLICATION_ROLE} to current_user`);
    await runner.query(
      `do $$ begin execute format('grant create on database %I to ${APPLICATION_ROLE}', current_database()); end $$`,
    );
    await runner.release();
    await owner.runMigrations({ transaction: 'each' });
  } catch (error) {
    throw new ConfigurationError(
      `the database's schema could not be brought up to date (${(error as Error).message}): DATABASE_URL must name a role that owns the database and may create roles`,
    );
  } finally {
    await owner.destroy();
  }
}

/** The connections that the program works with, all under the application's role. */
export async function openDataSource(
  connection: Connection,
  parts: DatabaseParts,
  poolSize = POOL_SIZE,
): Promise<DataSource> {
  const options = `-c role=${APPLICATION_ROLE}`;
  // A connection that breaks while it is held would else end the process. Whoever holds it is told by its next query.
  const onConnect = (client: PoolClient): void => void client.on('error', () => undefined);
  return newDataSource(connection, parts, { max: poolSize, options, onConnect }).initialize();
}

function newDataSource(connection: Connection, parts: DatabaseParts, extra: object): DataSource {
  const address =
    'url' in connection
      ? { url: connection.url }
      : {
          host: connection.host,
          port: connection.port,
          username: connection.user,
          password: connection.password,
          database: connection.database,
        };
  return new DataSource({
    type: 'postgres',
    ...address,
    entities: parts.entities,
    migrations: parts.migrations,
    migrationsTableName: 'chartledger_migration',
    synchronize: false,
    logging: false,
    applicationName: 'chartledger',
    extra,
  });
}

const CREATE_ROLE = `do $$ begin
  if not exists (select from pg_roles where rolname = '${APPLICATION_ROLE}') then create role ${APPLICATION_ROLE} nologin; end if;
exception when duplicate_object or unique_violation then null;
end $$`;
