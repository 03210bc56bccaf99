import { firstDay, knownDay, PERIOD_END, PERIOD_START, refuseMissing, refusing } from './fragments.js';
import { sqlQuery, sqlView, type QueryParameter } from './sql-library.js';

/** Of a stay that goes on: later than any day. */
const NOT_YET = "date '9999-12-31'";
/** v3-ActCode, as in the measures of stays. */
const INPATIENT = "('IMP', 'ACUTE', 'NONAC')";

/**
 * Stays in hospital. Encounters of a person that overlap, or of which one begins on the day on which another ends, are one
 * stay: a transfer is no discharge, and what two hospitals say of one stay is said once.
 */
export const INPATIENT_STAY = sqlView({
  id: 'inpatient-stay',
  title: 'Stays in hospital',
  description:
    'One row for each stay of a person in hospital. Inpatient encounters (IMP, ACUTE, NONAC) that overlap, or follow each other on the same day, are one stay, also of two sources. Planned, cancelled and mistaken ones are none; nor is one whose days are not known. discharged_on is null while it goes on.',
  tables: ['view:encounter'],
  sql: `with bed as (
  select person_key, id, _source as source, discharge_disposition, ${knownDay('start_at')} as begins,
    if(status = 'finished', ${knownDay('end_at')}, ${NOT_YET}) as ends
  from encounter
  where class in ${INPATIENT} and status in ('finished', 'in-progress', 'onleave') and person_key is not null
),
reached as (
  select *, max(ends) over (
    partition by person_key order by begins, ends, id rows between unbounded preceding and 1 preceding) as until
  from bed where begins <= ends
),
numbered as (
  select *, sum(if(until >= begins, 0, 1)) over (
    partition by person_key order by begins, ends, id rows between unbounded preceding and current row) as stay
  from reached
),
joined as (
  select *, max(ends) over (partition by person_key, stay) as goes_to from numbered
)
select person_key, stay::integer as stay,
  min(begins) as admitted_on, nullif(goes_to, ${NOT_YET}) as discharged_on,
  if(goes_to = ${NOT_YET}, null, (goes_to - min(begins))::integer) as days,
  first(source order by begins, ends, id) as admitted_to,
  last(source order by ends, begins, id) as discharged_from,
  coalesce(bool_or(discharge_disposition = 'exp') filter (ends = goes_to), false) as died,
  list(id order by begins, ends, id) as encounters
from joined group by person_key, stay, goes_to`,
});

const PERIOD: readonly QueryParameter[] = [
  { name: 'periodStart', type: 'date', documentation: 'The first day. Must be said.' },
  { name: 'periodEnd', type: 'date', documentation: 'The last day. Must be said.' },
];
const WITHIN: QueryParameter = {
  name: 'within',
  type: 'integer',
  documentation: 'Days from a discharge to what is a readmission; 30 where it is not said.',
};

/** Discharges of a period, each with the next admission of the same person. */
const DISCHARGES = `followed as (
  select *, lead(admitted_on) over person as next_on, lead(admitted_to) over person as next_to
  from inpatient_stay window person as (partition by person_key order by stay)
),
discharge as (
  select *, (next_on - discharged_on)::integer as days_between,
    coalesce(next_on - discharged_on <= coalesce(:within, 30), false) as is_readmitted
  from followed where discharged_on between ${PERIOD_START} and ${PERIOD_END}
)`;

export const UTILISATION = sqlQuery({
  id: 'utilisation',
  title: 'Use of hospitals',
  description:
    'Admissions, days in hospital, readmissions and emergency visits in a period, for each source and, where source is null, for all; per 1,000 of the persons who have a record there and were alive when the period began. An admission counts where it began, a discharge where it ended.',
  tables: ['view:encounter', 'view:patient', 'sql:person', 'sql:inpatient-stay'],
  parameters: [...PERIOD, WITHIN],
  sql: refusing(
    {
      withs: `${DISCHARGES},
member as (
  select distinct r._source as source, p.person_key from person p join patient r using (person_key)
  where coalesce(r.active, true) and (p.birth_day is null or p.birth_day <= ${PERIOD_END})
    and (not p.is_deceased or coalesce(p.died_on >= ${PERIOD_START}, false))
),
event as (
  select 'admission' as kind, person_key, admitted_to as source, null::integer as days, null::boolean as is_index, null::boolean as is_readmitted
  from inpatient_stay where admitted_on between ${PERIOD_START} and ${PERIOD_END}
  union all
  select 'discharge', person_key, discharged_from, days, not died, not died and is_readmitted from discharge
  union all
  select 'emergency', person_key, _source, null, null, null from encounter
  where class = 'EMER' and status in ('arrived', 'triaged', 'in-progress', 'onleave', 'finished')
    and ${knownDay('start_at')} between ${PERIOD_START} and ${PERIOD_END}
  union all
  select 'undated', person_key, _source, null, null, null from encounter
  where class in ('EMER', 'IMP', 'ACUTE', 'NONAC') and status in ('arrived', 'triaged', 'in-progress', 'onleave', 'finished')
    and (${knownDay('start_at')} is null or (status = 'finished' and class <> 'EMER' and ${knownDay('end_at')} is null))
    and (start_at is null or ${firstDay('start_at')} <= ${PERIOD_END})
),
everywhere as (
  select person_key, source from member union select person_key, null from member
),
counted as (
  select * from event union all by name select * replace (null as source) from event
),
sums as (
  select e.source, count(distinct e.person_key) as persons,
    count(*) filter (c.kind = 'admission') as admissions,
    count(*) filter (c.kind = 'discharge') as discharges,
    coalesce(sum(c.days), 0)::bigint as inpatient_days,
    avg(c.days) as average_length_of_stay, median(c.days) as median_length_of_stay,
    count(*) filter (c.is_index) as index_discharges,
    count(*) filter (c.is_readmitted) as readmissions,
    count(*) filter (c.kind = 'emergency') as emergency_visits,
    count(*) filter (c.kind = 'undated') as undated_encounters
  from everywhere e left join counted c
    on c.person_key = e.person_key and c.source is not distinct from e.source
  group by e.source
),
answer as (
  select *, readmissions / nullif(index_discharges, 0) as readmission_rate,
    admissions * 1000 / persons as admissions_per_1000,
    inpatient_days * 1000 / persons as inpatient_days_per_1000,
    emergency_visits * 1000 / persons as emergency_visits_per_1000,
    readmissions * 1000 / persons as readmissions_per_1000
  from sums
)`,
      answer: 'answer',
      column: 'source',
      order: 'source nulls last',
    },
    refuseMissing('periodStart', 'periodEnd'),
  ),
});

export const READMISSIONS = sqlQuery({
  id: 'readmissions',
  title: 'Readmissions',
  description:
    'Discharges of a period that another stay of the same person followed, at any source, one row for each. Of who died in the stay there is none.',
  tables: ['sql:inpatient-stay'],
  parameters: [...PERIOD, WITHIN],
  sql: refusing(
    {
      withs: `${DISCHARGES},
answer as (
  select person_key, admitted_on, discharged_on, discharged_from, next_on as readmitted_on, next_to as readmitted_to,
    days_between, encounters
  from discharge where is_readmitted and not died
)`,
      answer: 'answer',
      column: 'person_key',
      order: 'person_key, discharged_on',
    },
    refuseMissing('periodStart', 'periodEnd'),
  ),
});
