import { type MigrationInterface, type QueryRunner, Column, Entity, PrimaryColumn } from 'typeorm';
import { APPLICATION_ROLE, type DatabaseParts } from '@chartledger/database';

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

/** Which keys were destroyed is asked often, and they are few. */
export class IndexDestroyedKeys1763800000900 implements MigrationInterface {
  name = 'IndexDestroyedKeys1763800000900';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index data_key_destroyed on security.data_key (id) where wrapped is null');
  }

  async down(): Promise<void> {
    throw new Error('the key store is not dropped by a migration');
  }
}

export const securityTables: DatabaseParts = {
  entities: [DataKeyRow, IdentityRow],
  migrations: [CreateSecurity1763800000100, IndexDestroyedKeys1763800000900],
};
