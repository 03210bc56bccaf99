import {
  ageAt,
  codesOf,
  firstDay,
  livingOn,
  ON,
  ON_DAY,
  refuseMissing,
  refuseValueSet,
  refusing,
  valueSetUrl,
} from './fragments.js';
import { sqlQuery, type QueryParameter } from './sql-library.js';

const VACCINES = `coalesce(:vaccines, '${valueSetUrl('influenza-vaccines')}')`;

const MONTHS: QueryParameter = {
  name: 'months',
  type: 'integer',
  documentation: 'How long a dose counts; for ever where it is not said.',
};
const SINCE = `(${ON_DAY} - to_months(coalesce(:months, 12000)))::date`;

const AGE_GROUPS = [
  [0, 4, '0-4'],
  [5, 11, '5-11'],
  [12, 17, '12-17'],
  [18, 49, '18-49'],
  [50, 64, '50-64'],
  [65, 1000, '65 and older'],
] as const;
const AGE_ORDER = `list_position([${[...AGE_GROUPS.map(([, , name]) => name), 'unknown', 'all'].map((name) => `'${name}'`).join(', ')}], age_group)`;

/** Who is alive on the day, by age. */
const LIVING = `age_group as (
  select * from (values ${AGE_GROUPS.map(([from, to, name]) => `(${from}, ${to}, '${name}')`).join(', ')}) v (youngest, oldest, name)
),
living as (
  select p.person_key, coalesce(g.name, 'unknown') as age_group
  from person p left join age_group g on ${ageAt('p.birth_day', ON_DAY)} between g.youngest and g.oldest
  where ${livingOn(ON_DAY)}
),
grouped as (
  select * from living union all select person_key, 'all' from living
),
size as (
  select age_group, count(*) as persons from grouped group by all
)`;

export const IMMUNIZATION_COVERAGE = sqlQuery({
  id: 'immunization-coverage',
  title: 'Immunization coverage',
  description:
    'Of the living persons of each age group, how many had the doses of a value set of vaccines up to a day. What two sources say of one day is one dose.',
  tables: ['view:immunization-coding', 'sql:value-set-member', 'sql:person'],
  parameters: [
    ON,
    { name: 'vaccines', type: 'canonical', documentation: 'The vaccines; influenza-vaccines where none is said.' },
    MONTHS,
    { name: 'doses', type: 'integer', documentation: 'How many doses are needed; 1 where it is not said.' },
  ],
  sql: refusing(
    {
      withs: `${codesOf('codes', VACCINES)},
${LIVING},
dose as (
  select i.person_key, count(distinct ${firstDay('i.occurred_at')}) as doses from immunization_coding i
  join codes on codes.code = i.code and codes.code_system is not distinct from i.code_system
  where i.status = 'completed' and ${firstDay('i.occurred_at')} between ${SINCE} and ${ON_DAY}
  group by i.person_key
),
immune as (
  select age_group, count(*) as immunized from grouped join dose using (person_key)
  where doses >= coalesce(:doses, 1) group by age_group
),
answer as (
  select s.age_group, s.persons, coalesce(i.immunized, 0) as immunized,
    coalesce(i.immunized, 0) / s.persons as coverage
  from size s left join immune i using (age_group)
)`,
      answer: 'answer',
      column: 'age_group',
      order: AGE_ORDER,
    },
    [...refuseMissing('on'), ...refuseValueSet('codes')],
  ),
});

export const IMMUNIZATION_BY_VACCINE = sqlQuery({
  id: 'immunization-by-vaccine',
  title: 'Immunizations by vaccine',
  description: 'Of the living persons of each age group, how many had each vaccine (CVX) up to a day.',
  tables: ['view:immunization-coding', 'sql:person'],
  parameters: [ON, MONTHS],
  sql: refusing(
    {
      withs: `${LIVING},
dose as (
  select i.person_key, i.code as vaccine, max(i.code_text) as vaccine_text,
    count(distinct ${firstDay('i.occurred_at')}) as doses
  from immunization_coding i
  where i.code_system = 'http://hl7.org/fhir/sid/cvx' and i.status = 'completed'
    and ${firstDay('i.occurred_at')} between ${SINCE} and ${ON_DAY}
  group by i.person_key, i.code
),
given as (
  select vaccine, age_group, max(vaccine_text) as vaccine_text, count(*) as immunized, sum(doses)::bigint as doses
  from grouped join dose using (person_key) group by vaccine, age_group
),
answer as (
  select g.vaccine, g.vaccine_text, g.age_group, s.persons, g.immunized, g.doses, g.immunized / s.persons as coverage
  from given g join size s using (age_group)
)`,
      answer: 'answer',
      column: 'vaccine',
      order: `vaccine, ${AGE_ORDER}`,
    },
    refuseMissing('on'),
  ),
});
