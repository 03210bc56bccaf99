import { codesOf, firstDay, IS_CONFIRMED, ON_DAY, refuseValueSet, refusing, valueSetUrl } from './fragments.js';
import { sqlQuery } from './sql-library.js';

const CODES = `coalesce(:valueSet, '${valueSetUrl('diabetes')}')`;
const SINCE = `coalesce(${firstDay('c.onset_at')}, ${firstDay('c.recorded_at')})`;

/** Who has a condition of a value set. */
export const CONDITION_REGISTRY = sqlQuery({
  id: 'condition-registry',
  title: 'Registry of people with a condition',
  description:
    'One row for each person who has a condition of a value set on record: confirmed or without a verification status, and not over on the day.',
  tables: ['view:condition-coding', 'sql:value-set-member', 'sql:person'],
  parameters: [
    { name: 'valueSet', type: 'canonical', documentation: 'The conditions; diabetes where none is said.' },
    {
      name: 'on',
      type: 'date',
      documentation:
        'Who had it and was alive on that day, by what is known now (or as of _asOf). Without it: whoever has it, also the dead.',
    },
    { name: 'includeResolved', type: 'boolean', documentation: 'Also who had it once; false where it is not said.' },
  ],
  sql: refusing(
    {
      withs: `${codesOf('codes', CODES)},
found as (
  select c.person_key, c.id, c.code, c._source, ${SINCE} as since, ${firstDay('c.recorded_at')} as recorded_on,
    coalesce(:includeResolved, false)
      or coalesce(${firstDay('c.abatement_at')} > ${ON_DAY},
        c.abatement_at is null and coalesce(c.clinical_status, '') not in ('inactive', 'remission', 'resolved')) as is_there
  from condition_coding c
  join codes on codes.code = c.code and codes.code_system is not distinct from c.code_system
  where c.person_key is not null and ${IS_CONFIRMED} and (${ON_DAY} is null or ${SINCE} is null or ${SINCE} <= ${ON_DAY})
),
answer as (
  select f.person_key, any_value(p.patients) as patients, any_value(p.sources) as sources,
    any_value(p.gender) as gender, any_value(p.birth_date) as birth_date, any_value(p.is_deceased) as is_deceased,
    min(f.since) as since, max(f.recorded_on) as last_recorded,
    count(distinct f.id) as conditions, list(distinct f.code order by f.code) as codes,
    list(distinct f._source order by f._source) as recorded_by
  from found f left join person p using (person_key)
  where f.is_there and (${ON_DAY} is null or not p.is_deceased or coalesce(p.died_on > ${ON_DAY}, false))
  group by f.person_key
)`,
      answer: 'answer',
      column: 'person_key',
    },
    refuseValueSet('codes'),
  ),
});
