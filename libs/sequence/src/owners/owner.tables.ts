import { type MigrationInterface, type QueryRunner, Column, Entity, PrimaryColumn } from 'typeorm';
import { APPLICATION_ROLE, type DatabaseParts } from '@chartledger/database';

/** Where the process that sequences a chain is reached. A hint: whoever is asked and does not own the chain says so. */
@Entity({ schema: 'sequence', name: 'owner' })
export class OwnerRow {
  @PrimaryColumn('int4') chain!: number;
  @Column('text') url!: string;
  @Column('timestamptz') since!: Date;
}

export class CreateSequence1763800000500 implements MigrationInterface {
  name = 'CreateSequence1763800000500';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create schema sequence;
      create table sequence.owner (chain int4 primary key, url text not null, since timestamptz not null);
      grant usage on schema sequence to ${APPLICATION_ROLE};
      grant select, insert, update, delete on sequence.owner to ${APPLICATION_ROLE};
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema sequence cascade');
  }
}

export const sequenceTables: DatabaseParts = { entities: [OwnerRow], migrations: [CreateSequence1763800000500] };
