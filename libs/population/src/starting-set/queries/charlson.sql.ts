import { beginnings, CHARLSON } from './charlson.data.js';
import { ageAt, firstDay, IS_CONFIRMED, livingOn, ON, ON_DAY, refuseMissing, refusing } from './fragments.js';
import { sqlQuery, sqlView, type QueryParameter } from './sql-library.js';

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const values = (rows: readonly (readonly string[])[]): string => rows.map((row) => `(${row.join(', ')})`).join(',\n  ');

export const CHARLSON_CATEGORY = sqlView({
  id: 'charlson-category',
  title: 'Categories of the Charlson index',
  description:
    'One row for each category, with its weight of 1987 and of 2011. Who is in the category that unless names is not counted in this one.',
  tables: [],
  sql: `select * from (values
  ${values(
    CHARLSON.map(({ id, name, weight, weight2011, unless }) => [
      text(id),
      text(name),
      String(weight),
      String(weight2011),
      unless ? text(unless) : 'null',
    ]),
  )}
) v (category, name, weight, weight_2011, unless)`,
});

export const CHARLSON_CODE = sqlView({
  id: 'charlson-code',
  title: 'Codes of the Charlson index',
  description:
    'One row for each beginning of ICD-10 codes (Quan et al. 2005), without the point, and for each SNOMED CT concept that is mapped. SNOMED CT is mapped concept by concept: what is below a concept is not.',
  tables: [],
  sql: `select * from (values
  ${values(
    CHARLSON.flatMap(({ id, icd10, snomed }) => [
      ...beginnings(icd10).map((code) => [text('icd-10'), text(code), text(id)]),
      ...snomed.map((concept) => [text('snomed'), text(concept.split('|')[0]), text(id)]),
    ]),
  )}
) v (terminology, code, category)`,
});

/** Of whom, of which conditions, and by which weights. */
const PARAMETERS: readonly QueryParameter[] = [
  ON,
  {
    name: 'years',
    type: 'integer',
    documentation:
      'Only conditions that were recorded, or began where that is not known, in so many years up to the day; all where it is not said.',
  },
];

const TABLES = ['view:condition-coding', 'sql:person', 'sql:charlson-code', 'sql:charlson-category'];

/** ICD-10 of the world, of the United States, of Germany and of Canada differ below four characters only. */
const ICD_10 = `('http://hl7.org/fhir/sid/icd-10', 'http://hl7.org/fhir/sid/icd-10-cm', 'http://hl7.org/fhir/sid/icd-10-ca',
    'http://fhir.de/CodeSystem/bfarm/icd-10-gm')`;

const FOUND = `living as (
  select p.person_key, p.patients, p.sources, p.gender, p.birth_date, ${ageAt('p.birth_day', ON_DAY)} as age
  from person p where ${livingOn(ON_DAY)}
),
coded as (
  select c.person_key, c.code as coding, coalesce(${firstDay('c.onset_at')}, ${firstDay('c.recorded_at')}) as since,
    coalesce(${firstDay('c.recorded_at')}, ${firstDay('c.onset_at')}) as recorded_on,
    if(c.code_system = 'http://snomed.info/sct', 'snomed', 'icd-10') as terminology,
    if(c.code_system = 'http://snomed.info/sct', [c.code],
      [left(replace(upper(c.code), '.', ''), 3), left(replace(upper(c.code), '.', ''), 4)]) as beginnings
  from condition_coding c
  where ${IS_CONFIRMED} and (c.code_system = 'http://snomed.info/sct' or c.code_system in ${ICD_10})
),
found as (
  select l.person_key, k.category, min(d.since) as since, list(distinct d.coding order by d.coding) as codes
  from (select * exclude (beginnings), unnest(beginnings) as code from coded) d
  join charlson_code k on k.terminology = d.terminology and k.code = d.code
  join living l on l.person_key = d.person_key
  where coalesce(d.since, ${ON_DAY}) <= ${ON_DAY}
    and (:years::integer is null or d.recorded_on > (${ON_DAY} - to_years(:years::integer))::date)
  group by l.person_key, k.category
),
scored as (
  select f.person_key, f.category, c.name, c.weight, c.weight_2011, f.since, f.codes,
    not exists (select 1 from found s where s.person_key = f.person_key and s.category = c.unless) as is_counted
  from found f join charlson_category c using (category)
)`;

export const CHARLSON_CATEGORIES = sqlQuery({
  id: 'charlson-categories',
  title: 'Charlson categories of persons',
  description:
    'One row for each living person and each category of the Charlson index that the person is in, with the codes that say so. is_counted is false where the severe form counts instead.',
  tables: TABLES,
  parameters: PARAMETERS,
  sql: refusing(
    { withs: FOUND, answer: 'scored', column: 'person_key', order: 'person_key, category' },
    refuseMissing('on'),
  ),
});

export const CHARLSON_INDEX = sqlQuery({
  id: 'charlson-index',
  title: 'Charlson index of persons',
  description:
    'One row for each living person with the Charlson index on a day, by the weights of 1987 and of 2011, and by those of 1987 with the age: one point for each ten years from 50 on, at most four.',
  tables: TABLES,
  parameters: PARAMETERS,
  sql: refusing(
    {
      withs: `${FOUND},
sums as (
  select person_key, list(category order by category) as categories,
    sum(weight)::integer as charlson, sum(weight_2011)::integer as charlson_2011
  from scored where is_counted group by person_key
),
aged as (
  select *, least(greatest(age // 10 - 4, 0), 4)::integer as age_points from living
),
answer as (
  select a.* exclude (age_points), coalesce(s.categories, []) as categories,
    coalesce(s.charlson, 0) as charlson, coalesce(s.charlson_2011, 0) as charlson_2011, a.age_points,
    coalesce(s.charlson, 0) + a.age_points as charlson_age_adjusted
  from aged a left join sums s using (person_key)
)`,
      answer: 'answer',
      column: 'person_key',
    },
    refuseMissing('on'),
  ),
});
