import { firstDay } from './fragments.js';
import { sqlView } from './sql-library.js';

/** One row for each person. Where the records differ, the first by source and id that says something is taken. */
export const PERSON = sqlView({
  id: 'person',
  title: 'Persons',
  description:
    'One row for each person: all patient records that the matching linked, or one that is linked to nobody. Where they differ, the first by source and id that says something counts; dead is who is dead in one of them.',
  tables: ['view:patient'],
  sql: `select
  person_key,
  list(id order by id) as patients,
  list(distinct _source order by _source) as sources,
  first(gender order by id) filter (gender is not null) as gender,
  first(birth_date order by id) filter (birth_date is not null) as birth_date,
  ${firstDay('first(birth_date order by id) filter (birth_date is not null)')} as birth_day,
  bool_or(coalesce(deceased, false)) as is_deceased,
  min(${firstDay('deceased_at')}) as died_on,
  bool_or(coalesce(active, true)) as is_active
from patient
group by person_key`,
});

/** The codes that each value set means, as far as it lists them. */
export const VALUE_SET_MEMBER = sqlView({
  id: 'value-set-member',
  title: 'Members of value sets',
  description:
    'One row for each code that a value set of the system means: its expansion where it has one, otherwise what it includes without what it excludes. Where a part cannot be told without a terminology server, is_listed is false.',
  tables: ['view:value-set-code'],
  sql: `with of_system as (
  select *, bool_or(part = 'expansion') over (partition by _record) as is_expanded
  from value_set_code where _source = 'chartledger'
),
taken as (
  select * from of_system where part = if(is_expanded, 'expansion', 'include')
),
excluded as (
  select * from of_system where part = 'exclude' and not is_expanded
)
select distinct url, version, code_system, code, is_listed, _record, _seq from taken t
where (code is not null or not is_listed) and not (is_expanded and code is null)
  and not exists (
    select 1 from excluded e
    where e._record = t._record and e.is_listed and e.code_system is not distinct from t.code_system and e.code = t.code
  )
union all
select url, version, code_system, null, false, _record, _seq from excluded where not is_listed`,
});
