import { type Pool } from 'pg';
import { int8Array, run, type Statement } from '@chartledger/database';
import { type Actor } from '@chartledger/platform';
import { entryNumber, entryOfNumber } from './kept-results.js';

/** An entry of the ledger. */
export interface EntryPlace {
  chain: number;
  seq: number;
}

/** The versions of one subject's records that a report's numbers were read from. */
export interface ReportedSubject {
  /** Of the kept result: names nobody. */
  result: string;
  touched: EntryPlace[];
}

/** An edge of the lineage graph: data flow from a version of a record into a report. */
export interface ReportEdge {
  from: EntryPlace;
  /** `report:ID`. */
  to: string;
  kind: 'evaluated';
}

const TOUCHED: Statement = {
  name: 'measure.report-touched',
  text: `select r.id::text as id, r.touched::text[] as touched
    from (select unnest(results) as id from measure.report where id = $1) p join measure.result r on r.id = p.id
    where r.id > $2 order by r.id limit $3`,
};

/** $1: entries; $2: how many. The look-ups by array stand in subqueries, which keeps the planner to the indexes. */
const REPORTS: Statement = {
  text: `select distinct q.number::int4 - 1 as number, p.id
    from unnest($1::int8[]) with ordinality as q (entry, number)
    cross join lateral (select r.id from measure.result r where r.touched @> array[q.entry] offset 0) r
    cross join lateral (select o.id from measure.report o where o.results @> array[r.id] offset 0) p
    order by 1, 2 limit $2`,
};

/**
 * What reports were made of, and which reports a record entered. It is kept beside the results; where it is missing,
 * `MeasureService.recompute` makes it again from the report's entry.
 */
export class ReportLineage {
  constructor(private readonly pool: Pool) {}

  /** The subjects of a report, by result, up to `limit`; the page after begins after the last one's result. */
  async subjectsOf(_actor: Actor, report: string, limit: number, after = '-1'): Promise<ReportedSubject[]> {
    const rows = await run<{ id: string; touched: string[] }>(this.pool, TOUCHED, [report, after, limit]);
    return rows.map(({ id, touched }) => ({ result: id, touched: touched.map(entryOfNumber) }));
  }

  /** For each entry the reports that its version was read for, by id, up to `limit` in all. */
  async reportsOf(_actor: Actor, entries: readonly EntryPlace[], limit: number): Promise<string[][]> {
    const found: string[][] = entries.map(() => []);
    const rows = await run<{ number: number; id: string }>(this.pool, REPORTS, [
      int8Array(entries.map(entryNumber)),
      limit,
    ]);
    for (const { number, id } of rows) found[number].push(id);
    return found;
  }
}

/** The edges into a report, from every version that the logic touched, each once, in the ledger's order. */
export function reportEdges(report: string, subjects: readonly ReportedSubject[]): ReportEdge[] {
  const places = new Map(
    subjects.flatMap(({ touched }) => touched).map((place) => [`${place.chain}:${place.seq}`, place]),
  );
  return [...places.values()]
    .sort((a, b) => a.chain - b.chain || a.seq - b.seq)
    .map((from) => ({ from, to: `report:${report}`, kind: 'evaluated' }));
}
