import { type MigrationInterface, type QueryRunner, Column, Entity, PrimaryColumn } from 'typeorm';
import { APPLICATION_ROLE, type DatabaseParts } from '@chartledger/database';

/** A checkpoint that was signed. `time` is milliseconds since the epoch. */
@Entity({ schema: 'audit', name: 'checkpoint' })
export class CheckpointRow {
  @PrimaryColumn('int4') chain!: number;
  @PrimaryColumn('int8') size!: string;
  @Column('int8') time!: string;
  @Column('text') note!: string;
}

/** A complete hash tile of a chain's Merkle tree: it never changes. */
@Entity({ schema: 'audit', name: 'tile' })
export class TileRow {
  @PrimaryColumn('int4') chain!: number;
  @PrimaryColumn('int4') level!: number;
  @PrimaryColumn('int8') index!: string;
  @Column('bytea') hashes!: Buffer;
}

export class CreateAudit1763800000300 implements MigrationInterface {
  name = 'CreateAudit1763800000300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create schema audit;
      create table audit.checkpoint (chain int4, size int8, time int8 not null, note text not null, primary key (chain, size));
      create table audit.tile (chain int4, level int4, index int8, hashes bytea not null, primary key (chain, level, index));
      alter table audit.tile alter column hashes set storage external;
      create function audit.refuse_change() returns trigger language plpgsql as $$
        begin raise exception 'what was signed is append-only: % on %.% is refused', tg_op, tg_table_schema, tg_table_name; end $$;
      create trigger checkpoint_is_append_only before update or delete or truncate on audit.checkpoint
        for each statement execute function audit.refuse_change();
      create trigger tile_is_append_only before update or delete or truncate on audit.tile
        for each statement execute function audit.refuse_change();
      revoke all on audit.checkpoint, audit.tile from public;
      grant usage on schema audit to ${APPLICATION_ROLE};
      grant select, insert on audit.checkpoint, audit.tile to ${APPLICATION_ROLE};
    `);
  }

  async down(): Promise<void> {
    throw new Error('what was signed is not dropped by a migration');
  }
}

export const auditTables: DatabaseParts = {
  entities: [CheckpointRow, TileRow],
  migrations: [CreateAudit1763800000300],
};
