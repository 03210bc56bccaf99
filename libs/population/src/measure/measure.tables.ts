import {
  type MigrationInterface,
  type QueryRunner,
  Column,
  Entity,
  PrimaryColumn,
  PrimaryGeneratedColumn,
} from 'typeorm';
import { APPLICATION_ROLE, type DatabaseParts } from '@chartledger/database';

/**
 * What the logic of a measure said of a patient or person once: it stands for as long as its data do. `subject` and `data`
 * are keyed hashes: of its name, and of the last changes of its data. `touched` are the entries that the logic read, as
 * `entryNumber`. No id, and no code, of anybody is in it.
 */
@Entity({ schema: 'measure', name: 'result' })
export class ResultRow {
  @PrimaryGeneratedColumn('identity', { type: 'int8' }) id!: string;
  @Column('bytea') evaluation!: Buffer;
  @Column('bytea') subject!: Buffer;
  @Column('bytea') data!: Buffer;
  @Column('text') result!: string;
  @Column('int8', { array: true }) touched!: string[];
}

/** Which results each report was made of. */
@Entity({ schema: 'measure', name: 'report' })
export class ReportRow {
  @PrimaryColumn('text') id!: string;
  @Column('int8', { array: true }) results!: string[];
}

export class CreateMeasure1763800000700 implements MigrationInterface {
  name = 'CreateMeasure1763800000700';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create schema measure;
      create table measure.result (
        id int8 generated always as identity primary key, evaluation bytea not null, subject bytea not null, data bytea not null,
        result text not null, touched int8[] not null, unique (evaluation, subject, data)
      );
      create index on measure.result using gin (touched);
      create table measure.report (id text primary key, results int8[] not null);
      create index on measure.report using gin (results);
      grant usage on schema measure to ${APPLICATION_ROLE};
      grant select, insert, update, delete on measure.result, measure.report to ${APPLICATION_ROLE};
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema measure cascade');
  }
}

/** The kept results of measures. They are made again from the ledger where they are missing. */
export const measureTables: DatabaseParts = {
  entities: [ResultRow, ReportRow],
  migrations: [CreateMeasure1763800000700],
};
