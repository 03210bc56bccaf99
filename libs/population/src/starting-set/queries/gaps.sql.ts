import {
  codesOf,
  firstDay,
  IS_CONFIRMED,
  livingOn,
  ageAt,
  ON,
  ON_DAY,
  refuseMissing,
  refuseValueSet,
  refusing,
  valueSetUrl,
  type Refusal,
} from './fragments.js';
import { sqlQuery, type StartingLibrary } from './sql-library.js';

interface Gap {
  id: string;
  title: string;
  description: string;
  /** Of observations, or of vaccines. */
  service: { parameter: 'service' | 'vaccines'; valueSet: string };
  /** The value set of conditions of those who are looked at; undefined for everybody. */
  cohort?: string;
  /** How long what was done counts; undefined for ever. */
  months?: number;
  ages: readonly [from: number, to: number];
  doses?: number;
}

const DONE = {
  service: `select o.person_key, ${firstDay('o.effective_at')} as day from observation_coding o
  join services s on s.code = o.code and s.code_system is not distinct from o.code_system
  where o.status in ('final', 'amended', 'corrected')`,
  vaccines: `select i.person_key, ${firstDay('i.occurred_at')} as day from immunization_coding i
  join services s on s.code = i.code and s.code_system is not distinct from i.code_system
  where i.status = 'completed'`,
};

/** Who of a cohort lacks what is due on a day. */
function gap({ id, title, description, service, cohort, months, ages, doses = 1 }: Gap): StartingLibrary {
  const { parameter } = service;
  const asked = `coalesce(:${parameter}, '${valueSetUrl(service.valueSet)}')`;
  const group = cohort ? `coalesce(:cohort, '${valueSetUrl(cohort)}')` : ':cohort';
  const since = `(${ON_DAY} - to_months(coalesce(:months, ${months ?? 12_000})))::date`;
  const refusals: Refusal[] = [
    ...refuseMissing('on'),
    ...refuseValueSet('services'),
    ...refuseValueSet('cohort', `${group} is not null`),
  ];
  return sqlQuery({
    id,
    title,
    description,
    tables: [
      parameter === 'service' ? 'view:observation-coding' : 'view:immunization-coding',
      'view:condition-coding',
      'sql:value-set-member',
      'sql:person',
    ],
    parameters: [
      ON,
      {
        name: parameter,
        type: 'canonical',
        documentation: `The value set of what is due; ${service.valueSet} where none is said.`,
      },
      {
        name: 'cohort',
        type: 'canonical',
        documentation: `Only people with a condition of this value set; ${cohort ?? 'everybody'} where none is said.`,
      },
      {
        name: 'months',
        type: 'integer',
        documentation: `How long what was done counts; ${months ?? 'for ever'} where it is not said.`,
      },
      { name: 'minAge', type: 'integer', documentation: `In whole years on the day; ${ages[0]} where it is not said.` },
      { name: 'maxAge', type: 'integer', documentation: `In whole years on the day; ${ages[1]} where it is not said.` },
      {
        name: 'doses',
        type: 'integer',
        documentation: `On how many days it must have been done; ${doses} where it is not said.`,
      },
    ],
    sql: refusing(
      {
        withs: `${codesOf('services', asked)},
${codesOf('cohort', group)},
members as (
  select distinct c.person_key from condition_coding c
  join cohort on cohort.code = c.code and cohort.code_system is not distinct from c.code_system
  where ${IS_CONFIRMED} and coalesce(${firstDay('c.onset_at')}, ${firstDay('c.recorded_at')}, ${ON_DAY}) <= ${ON_DAY}
    and coalesce(${firstDay('c.abatement_at')} > ${ON_DAY},
      c.abatement_at is null and coalesce(c.clinical_status, '') not in ('inactive', 'remission', 'resolved'))
),
due as (
  select p.person_key, p.patients, p.sources, p.gender, p.birth_date, ${ageAt('p.birth_day', ON_DAY)} as age
  from person p
  where ${livingOn(ON_DAY)} and (${group} is null or p.person_key in (select person_key from members))
    and ${ageAt('p.birth_day', ON_DAY)} between coalesce(:minAge, ${ages[0]}) and coalesce(:maxAge, ${ages[1]})
),
done as (
  ${DONE[parameter]}
),
seen as (
  select person_key, max(day) as last_done, count(distinct day) filter (day >= ${since}) as times
  from done where day <= ${ON_DAY} group by person_key
),
answer as (
  select d.*, s.last_done, coalesce(s.times, 0) as times, coalesce(:doses, ${doses}) as times_due
  from due d left join seen s using (person_key)
  where coalesce(s.times, 0) < coalesce(:doses, ${doses})
)`,
        answer: 'answer',
        column: 'person_key',
      },
      refusals,
    ),
  });
}

const OLDEST = 150;

export const GAPS: readonly StartingLibrary[] = [
  gap({
    id: 'gap-hba1c',
    title: 'Diabetics without a hemoglobin A1c',
    description: 'Living people with diabetes of whom no hemoglobin A1c is on record of the 12 months up to the day.',
    service: { parameter: 'service', valueSet: 'hemoglobin-a1c' },
    cohort: 'diabetes',
    months: 12,
    ages: [0, OLDEST],
  }),
  gap({
    id: 'gap-blood-pressure',
    title: 'Adults without a blood pressure',
    description: 'Living adults of whom no blood pressure is on record of the 12 months up to the day.',
    service: { parameter: 'service', valueSet: 'blood-pressure' },
    months: 12,
    ages: [18, OLDEST],
  }),
  gap({
    id: 'gap-influenza-immunization',
    title: 'People without an influenza immunization',
    description: 'Living people without an influenza immunization in the 12 months up to the day.',
    service: { parameter: 'vaccines', valueSet: 'influenza-vaccines' },
    months: 12,
    ages: [1, OLDEST],
  }),
  gap({
    id: 'gap-mmr-immunization',
    title: 'Children without two MMR immunizations',
    description: 'Living children of 6 to 17 years who have fewer than two doses against measles, mumps and rubella.',
    service: { parameter: 'vaccines', valueSet: 'mmr-vaccines' },
    ages: [6, 17],
    doses: 2,
  }),
];
