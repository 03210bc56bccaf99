import { BASE } from '../canonical.js';
import { type QueryParameter } from './sql-library.js';

/**
 * The first day that a FHIR date or dateTime can mean, as its source wrote it: 2024-03 is 2024-03-01. Null where it is none.
 * No time zone is taken into account: a day is the day on the wall of who wrote it.
 */
export function firstDay(column: string): string {
  return `try_cast(left(${column}, 10) || substr('0000-01-01', length(left(${column}, 10)) + 1) as date)`;
}

/** The day of a date that is known to the day; null otherwise. */
export function knownDay(column: string): string {
  return `try_cast(left(${column}, 10) as date)`;
}

/** The days that a question names. The cast says of what type one is that was not sent. */
export const ON_DAY = ':on::date';
export const PERIOD_START = ':periodStart::date';
export const PERIOD_END = ':periodEnd::date';

/** Whole years from a day of birth to another day. */
export function ageAt(born: string, day: string): string {
  return `date_sub('year', ${born}, ${day})`;
}

/** Of `person p`: who is alive on a day and has a record that is in use. Of whom is dead and nobody knows since when, is not. */
export function livingOn(day: string): string {
  return `p.is_active and (p.birth_day is null or p.birth_day <= ${day})
    and (not p.is_deceased or coalesce(p.died_on > ${day}, false))`;
}

export const valueSetUrl = (id: string): string => `${BASE}/ValueSet/${id}`;

/** That a condition counts as one that the patient has or had: nobody took it back or doubts it. */
export const IS_CONFIRMED = "(c.verification_status is null or c.verification_status = 'confirmed')";

/**
 * The codes of the value set that a parameter names, as a name of WITH. Of several with one URL that is meant which the
 * parameter's version names, or that was written last.
 */
export function codesOf(name: string, url: string): string {
  return `${name}_asked as (
  select arg_max(_record, _seq) as record from value_set_member
  where url = split_part(${url}, '|', 1) and split_part(${url}, '|', 2) in ('', coalesce(version, ''))
),
${name} as (
  select distinct code_system, code from value_set_member
  where _record = (select record from ${name}_asked) and is_listed
)`;
}

/** When a value set cannot be used, and what is said then. `isNeeded` is a condition of SQL. */
export function refuseValueSet(name: string, isNeeded = 'true'): Refusal[] {
  return [
    {
      when: `${isNeeded} and (select record from ${name}_asked) is null`,
      says: 'there is no such value set: PUT it to /fhir/chartledger/ValueSet, or correct its URL and version',
    },
    {
      when: `${isNeeded} and (not exists (select 1 from ${name}) or exists (select 1 from value_set_member m
        where m._record = (select record from ${name}_asked) and not m.is_listed))`,
      says: 'the value set does not list its codes one by one: PUT it with its expansion',
    },
  ];
}

export function refuseMissing(...names: string[]): Refusal[] {
  return names.map((name) => ({ when: `:${name} is null`, says: `say ${name}, a date such as 2024-12-31` }));
}

export interface Refusal {
  when: string;
  says: string;
}

/**
 * A query that ends with what cannot be honoured instead of an answer that is silently empty. `answer` is the last name of
 * its WITH, of which `column` is a column.
 */
export function refusing(
  { withs, answer, column, order = column }: { withs: string; answer: string; column: string; order?: string },
  refusals: readonly Refusal[],
): string {
  const checks = refusals.map(({ when, says }) => `when ${when} then error('${says.replaceAll("'", "''")}')`);
  return `with ${withs},
refusal as (select case ${checks.join('\n  ')} end as words)
select * from (
  select * from ${answer}
  union all by name
  select null as ${column} from refusal where words is not null
)
order by ${order}`;
}

export const ON: QueryParameter = {
  name: 'on',
  type: 'date',
  documentation: 'The day that is looked at; what came later is not seen. Must be said.',
};
