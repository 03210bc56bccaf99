import { type MigrationInterface, type QueryRunner, Column, Entity, PrimaryColumn } from 'typeorm';
import { APPLICATION_ROLE, type DatabaseParts } from '@chartledger/database';

/** How far each generation of a view has come, per chain: the seq of the last entry that its rows say. -1: none. */
@Entity({ schema: 'projection', name: 'position' })
export class PositionRow {
  @PrimaryColumn('text') name!: string;
  @PrimaryColumn('int4') generation!: number;
  @PrimaryColumn('int4') chain!: number;
  @Column('int8') seq!: string;
}

/** The generation of each view that is read. */
@Entity({ schema: 'projection', name: 'active' })
export class ActiveRow {
  @PrimaryColumn('text') name!: string;
  @Column('int4') generation!: number;
}

export class CreateProjection1763800000200 implements MigrationInterface {
  name = 'CreateProjection1763800000200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create schema projection;
      create table projection.position (
        name text, generation int4, chain int4, seq int8 not null, primary key (name, generation, chain)
      ) with (fillfactor = 50);
      create table projection.active (name text primary key, generation int4 not null);
      grant usage on schema projection to ${APPLICATION_ROLE};
      grant select, insert, update, delete on projection.position, projection.active to ${APPLICATION_ROLE};
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema projection cascade');
  }
}

export const projectionTables: DatabaseParts = {
  entities: [PositionRow, ActiveRow],
  migrations: [CreateProjection1763800000200],
};
