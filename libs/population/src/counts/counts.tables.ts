import { type MigrationInterface, type QueryRunner, Column, Entity, PrimaryColumn } from 'typeorm';
import { APPLICATION_ROLE, type DatabaseParts } from '@chartledger/database';

/** Whose questions are looked at together. */
@Entity({ schema: 'counts', name: 'project' })
export class CountProjectRow {
  @PrimaryColumn('text') name!: string;
  /** `patient` or `person`. */
  @Column('text') unit!: string;
  @Column('int4') threshold!: number;
}

/** A question that was answered, and what it was told. */
@Entity({ schema: 'counts', name: 'question' })
export class CountQuestionRow {
  @PrimaryColumn('text') project!: string;
  /** From 1 on, without gaps: two that are answered at once cannot both take a number. */
  @PrimaryColumn('int4') number!: number;
  /** SHA-256 of the question and its positions. */
  @Column('bytea') key!: Buffer;
  /** An `AskedQuestion`. */
  @Column('text') asked!: string;
  @Column('text') answer!: string;
}

export class CreateCounts1763800000800 implements MigrationInterface {
  name = 'CreateCounts1763800000800';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create schema counts;
      create table counts.project (name text primary key, unit text not null, threshold int4 not null);
      create table counts.question (
        project text references counts.project, number int4, key bytea not null, asked text not null, answer text not null,
        primary key (project, number), unique (project, key)
      );
      revoke all on counts.project, counts.question from public;
      grant usage on schema counts to ${APPLICATION_ROLE};
      grant select, insert on counts.project, counts.question to ${APPLICATION_ROLE};
    `);
  }

  async down(): Promise<void> {
    throw new Error('what was told is not forgotten by a migration: later answers are held against it');
  }
}

export const countsTables: DatabaseParts = {
  entities: [CountProjectRow, CountQuestionRow],
  migrations: [CreateCounts1763800000800],
};
