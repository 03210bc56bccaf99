import { Client } from 'pg';
import { type MigrationInterface, type QueryRunner, Column, Entity, PrimaryColumn } from 'typeorm';
import { APPLICATION_ROLE, type Connection, type DatabaseParts } from '@chartledger/database';

/** A copy of the topic's entries for reads by position. The topic is the truth; this can be dropped and filled again. */
@Entity({ schema: 'topic', name: 'entry' })
export class TopicEntryRow {
  @PrimaryColumn('int4') chain!: number;
  @PrimaryColumn('int8') seq!: string;
  @Column('int8') offset!: string;
  @Column('bytea') envelope!: Buffer;
  @Column('bytea') payload!: Buffer;
}

/** How far the copy goes: one row a chain. */
@Entity({ schema: 'topic', name: 'head' })
export class TopicHeadRow {
  @PrimaryColumn('int4') chain!: number;
  @Column('int8') seq!: string;
  @Column('bytea') leaf!: Buffer;
  @Column('int8') time!: string;
  @Column('int8') offset!: string;
}

/** Stored as the embedded ledger stores its entries, and as little to be changed: what is read here is served. */
export class CreateTopicCopy1764100000000 implements MigrationInterface {
  name = 'CreateTopicCopy1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create schema topic;
      create table topic.entry (
        chain int4 not null, seq int8 not null, "offset" int8 not null, envelope bytea not null, payload bytea not null,
        primary key (chain, seq)
      ) with (toast_tuple_target = 8160, autovacuum_vacuum_insert_threshold = -1);
      alter table topic.entry alter column envelope set storage external, alter column payload set storage external;
      create table topic.head (
        chain int4 primary key, seq int8 not null, leaf bytea not null, time int8 not null, "offset" int8 not null
      ) with (fillfactor = 50);
      create function topic.refuse_change() returns trigger language plpgsql as $$
        begin raise exception 'the copy of the topic is append-only: % on %.% is refused', tg_op, tg_table_schema, tg_table_name; end $$;
      create trigger entry_is_append_only before update or delete or truncate on topic.entry
        for each statement execute function topic.refuse_change();
      revoke all on topic.entry, topic.head from public;
      grant usage on schema topic to ${APPLICATION_ROLE};
      grant select, insert on topic.entry to ${APPLICATION_ROLE};
      grant select, insert, update on topic.head to ${APPLICATION_ROLE};
    `);
  }

  async down(): Promise<void> {
    throw new Error('the copy of the topic is not dropped by a migration');
  }
}

export const topicTables: DatabaseParts = {
  entities: [TopicEntryRow, TopicHeadRow],
  migrations: [CreateTopicCopy1764100000000],
};

/**
 * Empties the copy, as the owner of the database. No process may have the ledger open meanwhile. The next one that opens a
 * chain fills it again from the topic's beginning, and answers reads of that chain when it is through.
 */
export async function emptyCopy(connection: Connection): Promise<void> {
  const client = new Client('url' in connection ? { connectionString: connection.url } : connection);
  await client.connect();
  try {
    await client.query(`
      alter table topic.entry disable trigger entry_is_append_only;
      truncate topic.entry, topic.head;
      alter table topic.entry enable trigger entry_is_append_only`);
  } finally {
    await client.end();
  }
}
