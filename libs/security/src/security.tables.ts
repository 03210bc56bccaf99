import { type MigrationInterface, type QueryRunner, Column, Entity, PrimaryColumn } from 'typeorm';
import { APPLICATION_ROLE, type DatabaseParts } from '@chartledger/database';

/** Notified when a key is destroyed. */
export const SHREDDED_CHANNEL = 'chartledger_shredded';

/** A wrapped data key. `wrapped` is null after the key was destroyed. */
@Entity({ schema: 'security', name: 'data_key' })
export class DataKeyRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('bytea', { unique: true }) owner!: Buffer;
  @Column('bytea', { nullable: true }) wrapped!: Buffer | null;
}

/** One row: which keys this ledger was made with, by commitments that reveal none of them. */
@Entity({ schema: 'security', name: 'identity' })
export class IdentityRow {
  @PrimaryColumn('boolean') one!: boolean;
  @Column('text') origin!: string;
  @Column('text') verifier!: string;
  @Column('text') kek!: string;
  @Column('text') pseudonym!: string;
}

export class CreateSecurity1763800000100 implements MigrationInterface {
  name = 'CreateSecurity1763800000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create schema security;
      create table security.data_key (id uuid primary key, owner bytea not null unique, wrapped bytea);
      create table security.identity (
        one boolean primary key default true check (one), origin text not null, verifier text not null, kek text not null, pseudonym text not null
      );
      revoke all on security.data_key, security.identity from public;
      grant usage on schema security to ${APPLICATION_ROLE};
      grant select, insert, update on security.data_key to ${APPLICATION_ROLE};
      grant select, insert on security.identity to ${APPLICATION_ROLE};
    `);
  }

  async down(): Promise<void> {
    throw new Error('the key store is not dropped by a migration');
  }
}

/** A data key that was destroyed, in the order in which they were. */
@Entity({ schema: 'security', name: 'shredded' })
export class ShreddedRow {
  @PrimaryColumn('int8') number!: string;
  @Column('uuid') key!: string;
  @Column('bytea') owner!: Buffer;
}

/** Whatever destroys a key, a command, a restore or an operator's own SQL: it is noted, and who keeps extracts is told. */
export class CreateShredded1763800000150 implements MigrationInterface {
  name = 'CreateShredded1763800000150';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table security.shredded (
        number int8 generated always as identity primary key, key uuid not null, owner bytea not null
      );
      insert into security.shredded (key, owner) select id, owner from security.data_key where wrapped is null;
      create function security.note_shredded() returns trigger language plpgsql as $$
      begin
        -- Numbers are seen in their order: whoever read one has seen all before it.
        perform pg_advisory_xact_lock(hashtext('${SHREDDED_CHANNEL}'));
        insert into security.shredded (key, owner) values (new.id, new.owner);
        perform pg_notify('${SHREDDED_CHANNEL}', '');
        return null;
      end $$;
      create trigger note_shredded after update on security.data_key for each row
        when (old.wrapped is not null and new.wrapped is null) execute function security.note_shredded();
      revoke all on security.shredded from public;
      grant select, insert on security.shredded to ${APPLICATION_ROLE};
    `);
  }

  async down(): Promise<void> {
    throw new Error('what was destroyed is not forgotten by a migration');
  }
}

export const securityTables: DatabaseParts = {
  entities: [DataKeyRow, IdentityRow, ShreddedRow],
  migrations: [CreateSecurity1763800000100, CreateShredded1763800000150],
};
