import { type Pool } from 'pg';
import { run } from '@chartledger/database';
import { type PersonBefore } from './reassign.js';
import { type RecordName } from './person-entries.js';
import { groupedMembers, openReviewsOf, type MemberRow, type OpenReview, type Standing } from './standing-persons.js';

/** Persons of one page: some 2 MB. */
const PAGE_PERSONS = 5_000;

/** Everybody who has records as of the position, page by page in order of their ids. */
export async function* everybody(pool: Pool, { schema, position }: Standing): AsyncGenerator<PersonBefore[]> {
  for (let last = ''; ;) {
    const rows = await run<MemberRow>(
      pool,
      {
        name: `persons.everybody.${schema}`,
        text: `with page as (
          select id, version, born from ${schema}.person
          where id > $1 and seq_from <= $2 and seq_to > $2 and state = 'active' order by id limit ${PAGE_PERSONS}
        ) select p.id, p.version, p.born::float8 as born, m.source, m.patient, m.seq_from::float8 as since
        from page p join ${schema}.member m on m.person = p.id and m.seq_from <= $2 and m.seq_to > $2 order by p.id`,
      },
      [last, position],
    );
    if (rows.length === 0) return;
    last = rows[rows.length - 1].id;
    yield groupedMembers(rows, 'active');
  }
}

/** Every pair that waits for a steward. */
export function allOpenReviews(pool: Pool, { schema, position }: Standing): Promise<OpenReview[]> {
  return openReviewsOf(
    pool,
    {
      name: `persons.all-open-reviews.${schema}`,
      text: `select r.task, r.left_source, r.left_patient, r.right_source, r.right_patient
        from ${schema}.review r where r.status = 'requested' and r.seq_from <= $1 and r.seq_to > $1`,
    },
    [position],
  );
}

/** The persons of a set of records, in arrays: a million of them must not be a million maps. */
export class PersonsOfRows {
  private readonly ids: string[] = [];
  private readonly versions: number[] = [];
  private readonly born: number[] = [];
  private readonly firsts: number[] = [];
  private readonly members: RecordName[] = [];
  private readonly since: number[] = [];

  add({ id, version, born, members }: PersonBefore): number {
    this.ids.push(id);
    this.versions.push(version);
    this.born.push(born);
    this.firsts.push(this.members.length);
    for (const [name, since] of members) {
      this.members.push(name);
      this.since.push(since);
    }
    return this.ids.length - 1;
  }

  /** How many records the person has. */
  count(person: number): number {
    return (this.firsts[person + 1] ?? this.members.length) - this.firsts[person];
  }

  *namesOf(person: number): Generator<RecordName> {
    const first = this.firsts[person];
    for (let at = first; at < first + this.count(person); at++) yield this.members[at];
  }

  get(person: number): PersonBefore {
    const members = new Map<RecordName, number>();
    const first = this.firsts[person];
    for (let at = first; at < first + this.count(person); at++) members.set(this.members[at], this.since[at]);
    return {
      id: this.ids[person],
      version: this.versions[person],
      born: this.born[person],
      state: 'active',
      members,
    };
  }
}
