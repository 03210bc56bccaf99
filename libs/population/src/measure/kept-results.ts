import { type Pool } from 'pg';
import { byteaArray, int4Array, int8Array, run, textArray, type Statement } from '@chartledger/database';
import { type Tokens } from '@chartledger/security';
import { dataOf, type Subject } from './subjects.js';

/** A result that is kept, or was made now. */
export interface KeptResult {
  id: string;
  /** JSON of a `SubjectResult`. */
  result: string;
}

/** A result to keep. */
export interface NewResult {
  subject: Subject;
  result: string;
  /** The entries that the logic touched. */
  touched: { chain: number; seq: number }[];
}

/**
 * An entry of any chain as one `int8` (the chain above 48 bits of seq), in the form that `int8Array` takes. Chains are at
 * most 1,024, and 2^48 entries take 80 years at 100,000 a second.
 */
export function entryNumber({ chain, seq }: { chain: number; seq: number }): string {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE((BigInt(chain) << 48n) | BigInt(seq));
  return bytes.toString('latin1');
}

/** The entry of a number as PostgreSQL writes it. */
export function entryOfNumber(number: string): { chain: number; seq: number } {
  const value = BigInt(number);
  return { chain: Number(value >> 48n), seq: Number(value & 0xffff_ffff_ffffn) };
}

const FIND: Statement = {
  name: 'measure.kept',
  text: `select q.number::int4 - 1 as number, r.id::text as id, r.result
    from unnest($2::bytea[], $3::bytea[]) with ordinality as q (subject, data, number)
    join measure.result r on r.evaluation = $1 and r.subject = q.subject and r.data = q.data`,
};

/** Another process may have kept the same in the meantime; it is the same result, and its row stands. */
const KEEP: Statement = {
  name: 'measure.keep',
  text: `with given as (
      select g.number, g.subject, g.data, g.result, ($8::int8[])[g.touched_from:g.touched_to] as touched
      from unnest($2::int4[], $3::bytea[], $4::bytea[], $5::text[], $6::int4[], $7::int4[]) as g (number, subject, data, result, touched_from, touched_to)
    ), added as (
      insert into measure.result (evaluation, subject, data, result, touched)
      select $1, subject, data, result, touched from given
      on conflict (evaluation, subject, data) do nothing returning id, subject, data
    )
    select g.number, coalesce(a.id, r.id)::text as id from given g
    left join added a on a.subject = g.subject and a.data = g.data
    left join measure.result r on r.evaluation = $1 and r.subject = g.subject and r.data = g.data`,
};

const FORGET: Statement = {
  name: 'measure.forget',
  text: `delete from measure.result where subject = any ($1::bytea[]) or touched && $2::int8[]`,
};

const KEEP_REPORT: Statement = {
  name: 'measure.keep-report',
  text: `insert into measure.report (id, results) values ($1, $2::int8[]) on conflict (id) do nothing`,
};

/**
 * The results of subjects, kept by evaluation (a measure with all that it refers to, and a period), subject and the data
 * that it had: whoever's records did not change need not be evaluated again. Only keyed hashes name anybody.
 */
export class KeptResults {
  constructor(
    private readonly pool: Pool,
    private readonly tokens: Tokens,
  ) {}

  /** For each subject its result, or undefined where there is none for the data that it has. */
  async find(evaluation: string, subjects: readonly Subject[]): Promise<(KeptResult | undefined)[]> {
    const rows = await run<{ number: number } & KeptResult>(this.pool, FIND, [
      Buffer.from(evaluation, 'hex'),
      byteaArray(subjects.map((subject) => this.hash('subject', subject.name))),
      byteaArray(subjects.map((subject) => this.hash('data', dataOf(subject)))),
    ]);
    const found = new Array<KeptResult | undefined>(subjects.length).fill(undefined);
    for (const { number, id, result } of rows) found[number] = { id, result };
    return found;
  }

  /** Keeps results. Gives their ids, in order. */
  async keep(evaluation: string, results: readonly NewResult[]): Promise<string[]> {
    if (results.length === 0) return [];
    const touched = results.flatMap((one) => one.touched.map(entryNumber));
    let end = 0;
    const ends = results.map((one) => (end += one.touched.length));
    const keep = (): Promise<{ number: number; id: string | null }[]> =>
      run(this.pool, KEEP, [
        Buffer.from(evaluation, 'hex'),
        int4Array(results.map((_, index) => index)),
        byteaArray(results.map(({ subject }) => this.hash('subject', subject.name))),
        byteaArray(results.map(({ subject }) => this.hash('data', dataOf(subject)))),
        textArray(results.map(({ result }) => result)),
        int4Array(results.map((one, index) => ends[index] - one.touched.length + 1)),
        int4Array(ends),
        int8Array(touched),
      ]);
    let rows = await keep();
    // A row that another process added while the statement ran is not seen by it, but by the next.
    if (rows.some(({ id }) => id === null)) rows = await keep();
    return rows.sort((a, b) => a.number - b.number).map(({ id }) => id!);
  }

  /** Removes all results of subjects, by name, and all that were read from entries. */
  async forget(names: readonly string[], entries: readonly { chain: number; seq: number }[]): Promise<void> {
    if (names.length === 0 && entries.length === 0) return;
    await run(this.pool, FORGET, [
      byteaArray(names.map((name) => this.hash('subject', name))),
      int8Array(entries.map(entryNumber)),
    ]);
  }

  async keepReport(id: string, results: readonly string[]): Promise<void> {
    await run(this.pool, KEEP_REPORT, [id, int8Array(results.map(Number))]);
  }

  /** 16 bytes: 8 are too few where two that are the same would be taken for one. */
  private hash(kind: 'subject' | 'data', text: string): Buffer {
    return Buffer.concat(['a', 'b'].map((half) => Buffer.from(this.tokens.of('measure', kind, half, text), 'latin1')));
  }
}
