import { type Positions } from '@chartledger/ledger';
import { labelOf, type Filter, type Label, type Question, type Unit } from './question.js';
import { type CountedPatients } from './counted-classes.js';

/** The rows of a view as of positions, under the name that a statement calls them by. */
export interface Relation {
  name: string;
  view: string;
  positions: Positions;
}

/** A statement of DuckDB over relations; `$1` is the first of the parameters. */
export interface CountStatement {
  relations: readonly Relation[];
  sql: string;
  parameters: readonly string[];
}

/** One row: `n` patients have these rows of values, as JSON `[["0","female"],["1",null,"x"]]`, the question's number first. */
export interface CountRow {
  rows: string;
  n: number | bigint;
}

const KEYS: Readonly<Record<Unit, string>> = { patient: 'patient_key', person: 'person_key' };

/**
 * Who falls where in every one of the questions, in one scan of each: patients are grouped by all their rows, so they are
 * counted once wherever they are counted, and no key leaves the database. Rows without a key are nobody's.
 * @param limit of the rows of the answer; one more is asked for, so that too many can be told.
 */
export function countStatement(
  asked: readonly { question: Question; positions: Positions }[],
  unit: Unit,
  limit: number,
): CountStatement {
  const parameters: string[] = [];
  const parameter = (value: string): string => `$${parameters.push(value)}`;
  const width = Math.max(0, ...asked.map(({ question }) => question.dimensions.length));
  const selects = asked.map(({ question }, number) => {
    const values = Array.from({ length: width }, (_, d) => {
      const dimension = question.dimensions[d];
      return `${dimension ? `cast(${quoted(dimension.column)} as varchar)` : 'cast(null as varchar)'} as d${d}`;
    });
    const conditions = [`${KEYS[unit]} is not null`, ...question.filters.map((filter) => condition(filter, parameter))];
    return `select distinct ${[`${KEYS[unit]} as k`, `'${number}' as q`, ...values].join(', ')}
      from rows${number} where ${conditions.join(' and ')}`;
  });
  const row = ['q', ...Array.from({ length: width }, (_, d) => `d${d}`)].join(', ');
  return {
    relations: asked.map(({ question, positions }, number) => ({
      name: `rows${number}`,
      view: question.view,
      positions,
    })),
    sql: `select cast(to_json(signature) as varchar) as rows, count(*) as n from (
        select list_sort(list([${row}])) as signature from (${selects.join('\n union all ')}) group by k
      ) group by signature limit ${limit + 1}`,
    parameters,
  };
}

export function readCounts(rows: readonly CountRow[], asked: readonly { question: Question }[]): CountedPatients[] {
  return rows.map(({ rows: text, n }) => ({
    count: Number(n),
    rows: (JSON.parse(text) as [string, ...Label[]][]).map(([number, ...values]) => ({
      question: Number(number),
      values: asked[Number(number)].question.dimensions.map(({ kind }, d) => labelOf(values[d], kind)),
    })),
  }));
}

/** A value that is missing is not equal to any and not less than any; `not in` holds for it. */
function condition({ column, kind, type, comparison, values }: Filter, parameter: (value: string) => string): string {
  const name = quoted(column);
  if (comparison === 'is missing') return `${name} is null`;
  if (comparison === 'is present') return `${name} is not null`;
  const [own, cast] =
    kind === 'text' ? [`cast(${name} as varchar)`, 'varchar'] : [name, kind === 'number' ? numberType(type) : type];
  const given = values.map((value) => `cast(${parameter(value)} as ${cast})`);
  if (comparison === 'in') return `${own} in (${given.join(', ')})`;
  if (comparison === 'not in') return `(${own} is null or ${own} not in (${given.join(', ')}))`;
  return `${own} ${comparison} ${given[0]}`;
}

/** Wide enough that a number that does not fit the column is compared and not refused. */
function numberType(type: string): string {
  return type === 'DOUBLE' || type === 'FLOAT' ? 'double' : 'decimal(38, 9)';
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
