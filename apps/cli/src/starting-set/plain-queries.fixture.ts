import {
  age,
  codings,
  days,
  firstDay,
  hasCode,
  monthsBefore,
  type Item,
  type Plain,
  type Someone,
} from './plain.fixture.js';
import { type Resource, type Row } from './world.fixture.js';

const FOREVER = '9999-12-31';

const firstCode = (concept: unknown): string | undefined => codings(concept)[0]?.code;

/** Whether a Condition counts, and holds on a day. */
function holds({ resource }: Item, on: string): boolean {
  const status = firstCode(resource['verificationStatus']);
  if (status !== undefined && status !== 'confirmed') return false;
  const since = firstDay(resource['onsetDateTime']) ?? firstDay(resource['recordedDate']);
  if (since !== undefined && since > on) return false;
  const until = firstDay(resource['abatementDateTime']);
  if (until !== undefined) return until > on;
  return !['inactive', 'remission', 'resolved'].includes(firstCode(resource['clinicalStatus']) ?? '');
}

export function registry(plain: Plain, codes: ReadonlySet<string>, on: string): string[] {
  const living = new Set(
    plain.people.filter(({ died }) => died === undefined || (died !== 'ever' && died > on)).map(({ key }) => key),
  );
  const members = plain.items('Condition').filter((item) => hasCode(item.resource['code'], codes) && holds(item, on));
  return [...new Set(members.map(({ person }) => person))].filter((person) => living.has(person)).sort();
}

interface Due {
  on: string;
  codes: ReadonlySet<string>;
  cohort?: ReadonlySet<string>;
  months?: number;
  ages: readonly [number, number];
  doses?: number;
}

/** Who lacks what is due, of observations or of vaccines. */
export function gap(
  plain: Plain,
  type: 'Observation' | 'Immunization',
  { on, codes, cohort, months, ages, doses = 1 }: Due,
): Row[] {
  const members =
    cohort &&
    new Set(
      plain
        .items('Condition')
        .filter((item) => hasCode(item.resource['code'], cohort) && holds(item, on))
        .map(({ person }) => person),
    );
  const since = months === undefined ? '' : monthsBefore(on, months);
  const done = plain.items(type).filter(({ resource }) => isDone(resource, codes));
  return plain.living(on).flatMap(({ key, born }) => {
    const years = age(born, on);
    if (years === undefined || years < ages[0] || years > ages[1] || (members && !members.has(key))) return [];
    const when = done
      .filter(({ person }) => person === key)
      .map(({ resource }) => dayOf(resource))
      .filter((day) => day !== undefined && day <= on) as string[];
    const times = new Set(when.filter((day) => day >= since)).size;
    if (times >= doses) return [];
    return [{ person_key: key, age: years, last_done: when.sort().at(-1) ?? null, times }];
  });
}

function isDone(resource: Resource, codes: ReadonlySet<string>): boolean {
  if (resource.resourceType === 'Immunization')
    return resource['status'] === 'completed' && hasCode(resource['vaccineCode'], codes);
  const components = (resource['component'] ?? []) as { code: unknown }[];
  return (
    ['final', 'amended', 'corrected'].includes(resource['status'] as string) &&
    [resource['code'], ...components.map(({ code }) => code)].some((code) => hasCode(code, codes))
  );
}

function dayOf(resource: Resource): string | undefined {
  return firstDay(resource['effectiveDateTime'] ?? resource['occurrenceDateTime']);
}

export interface Stay {
  person: string;
  from: string;
  to: string;
  admittedTo: string;
  dischargedFrom: string;
  died: boolean;
}

/** Stays, two that touch made one, until there are none that touch. */
export function stays(plain: Plain): Stay[] {
  let all = plain.items('Encounter').flatMap(({ source, person, resource }): Stay[] => {
    const {
      status,
      class: { code },
    } = resource as unknown as { status: string; class: { code: string } };
    const { start, end } = (resource['period'] ?? {}) as { start?: string; end?: string };
    if (!['IMP', 'ACUTE', 'NONAC'].includes(code) || !['finished', 'in-progress', 'onleave'].includes(status))
      return [];
    const [from, to] = [knownDay(start), status === 'finished' ? knownDay(end) : FOREVER];
    if (from === undefined || to === undefined || from > to) return [];
    const { dischargeDisposition } = (resource['hospitalization'] ?? {}) as { dischargeDisposition?: unknown };
    return [
      { person, from, to, admittedTo: source, dischargedFrom: source, died: firstCode(dischargeDisposition) === 'exp' },
    ];
  });
  for (;;) {
    const pair = all.flatMap((one, index) =>
      all
        .slice(index + 1)
        .filter((other) => one.person === other.person && one.from <= other.to && other.from <= one.to)
        .map((other) => [one, other] as const),
    )[0];
    if (!pair) return all;
    const [first] = [...pair].sort((a, b) => (a.from < b.from ? -1 : 1)) as [Stay];
    const last = pair[0].to > pair[1].to ? pair[0] : pair[1];
    // Whoever of two says of the last day that it was a death.
    const died = pair.some((one) => one.died && one.to === last.to);
    const merged = { ...first, to: last.to, dischargedFrom: last.dischargedFrom, died };
    all = [...all.filter((one) => !pair.includes(one)), merged];
  }
}

function knownDay(date: string | undefined): string | undefined {
  return date !== undefined && date.length >= 10 ? date.slice(0, 10) : undefined;
}

export interface Utilisation {
  persons: number;
  admissions: number;
  discharges: number;
  inpatient_days: number;
  index_discharges: number;
  readmissions: number;
  emergency_visits: number;
}

/** By source, and `null` for all. */
export function utilisation(plain: Plain, from: string, to: string, within = 30): Map<string | null, Utilisation> {
  const all = stays(plain);
  const isIn = (day: string | undefined): boolean => day !== undefined && day >= from && day <= to;
  const eligible = plain.people.filter(
    ({ born, died, isActive }) =>
      isActive && (born === undefined || born <= to) && (died === undefined || (died !== 'ever' && died >= from)),
  );
  const sources = new Set(
    [...plain.state.records.keys()].filter((key) => key.includes('/Patient/')).map((key) => key.split('/')[0]),
  );
  const emergencies = plain.items('Encounter').filter(({ resource }) => {
    const {
      status,
      class: { code },
      period,
    } = resource as unknown as { status: string; class: { code: string }; period?: { start?: string } };
    return (
      code === 'EMER' &&
      ['arrived', 'triaged', 'in-progress', 'onleave', 'finished'].includes(status) &&
      isIn(knownDay(period?.start))
    );
  });
  return new Map(
    [...sources, null].map((source) => {
      const members = new Set(
        eligible
          .filter(
            ({ patients }) =>
              source === null ||
              patients.some(
                (patient) => patient.startsWith(`${source}/`) && plain.state.records.get(patient)!['active'] !== false,
              ),
          )
          .map(({ key }) => key),
      );
      const here = (one: string): boolean => source === null || one === source;
      const admissions = all.filter((stay) => members.has(stay.person) && here(stay.admittedTo) && isIn(stay.from));
      const discharges = all.filter((stay) => members.has(stay.person) && here(stay.dischargedFrom) && isIn(stay.to));
      const index = discharges.filter(({ died }) => !died);
      const readmitted = index.filter((stay) =>
        all.some(({ person, from: next }) => person === stay.person && next > stay.to && days(stay.to, next) <= within),
      );
      return [
        source,
        {
          persons: members.size,
          admissions: admissions.length,
          discharges: discharges.length,
          inpatient_days: discharges.reduce((sum, stay) => sum + days(stay.from, stay.to), 0),
          index_discharges: index.length,
          readmissions: readmitted.length,
          emergency_visits: emergencies.filter((item) => members.has(item.person) && here(item.source)).length,
        },
      ];
    }),
  );
}

const AGE_GROUPS: readonly (readonly [number, string])[] = [
  [65, '65 and older'],
  [50, '50-64'],
  [18, '18-49'],
  [12, '12-17'],
  [5, '5-11'],
  [0, '0-4'],
];

export function ageGroup(someone: Someone, on: string): string {
  const years = age(someone.born, on);
  return AGE_GROUPS.find(([from]) => years !== undefined && years >= from)?.[1] ?? 'unknown';
}

/** Persons and those who are immunized, by age group. */
export function coverage(
  plain: Plain,
  codes: ReadonlySet<string>,
  on: string,
  months?: number,
  doses = 1,
): Map<string, [number, number]> {
  const since = months === undefined ? '' : monthsBefore(on, months);
  const given = plain.items('Immunization').filter(({ resource }) => isDone(resource, codes));
  const counted = new Map<string, [number, number]>();
  for (const someone of plain.living(on)) {
    const when = new Set(
      given
        .filter(({ person }) => person === someone.key)
        .map(({ resource }) => dayOf(resource))
        .filter((day) => day !== undefined && day <= on && day >= since),
    );
    for (const group of [ageGroup(someone, on), 'all']) {
      const [persons, immunized] = counted.get(group) ?? [0, 0];
      counted.set(group, [persons + 1, immunized + (when.size >= doses ? 1 : 0)]);
    }
  }
  return counted;
}

/** The index with its codes written by hand as patterns, of those that the town and the cases have. */
const PATTERNS: readonly (readonly [category: string, weight: number, icd10: RegExp, snomed: string[]])[] = [
  ['myocardial-infarction', 1, /^(I2[12]|I25\.?2)/, ['22298006']],
  ['heart-failure', 1, /^(I50|I43|I11\.?0)/, ['84114007', '42343007']],
  ['chronic-pulmonary-disease', 1, /^(J4[0-7]|J6[0-7])/, ['13645005', '195967001']],
  ['mild-liver-disease', 1, /^(B18|K73|K74|K70\.?[01239])/, ['19943007']],
  ['diabetes', 1, /^E1[0-4]\.?[01689]/, ['44054006', '46635009', '73211009']],
  ['diabetes-with-complication', 2, /^E1[0-4]\.?[23457]/, ['127013003', '4855003', '230572002']],
  ['renal-disease', 2, /^(N18|N19|Z94\.?0)/, ['709044004', '433144002', '46177005']],
  ['malignancy', 2, /^(C[01]|C2[0-6]|C50|C61)/, ['363346000', '254837009']],
  ['severe-liver-disease', 3, /^(K72\.?[19]|K76\.?[567]|I85\.?[09])/, ['34742003']],
  ['metastatic-solid-tumor', 6, /^C(7[789]|80)/, ['128462008']],
  ['aids-hiv', 6, /^B2[0124]/, ['62479008', '86406008']],
];
const MILDER: Readonly<Record<string, string>> = {
  'severe-liver-disease': 'mild-liver-disease',
  'diabetes-with-complication': 'diabetes',
  'metastatic-solid-tumor': 'malignancy',
};

export function charlson(plain: Plain, on: string): Row[] {
  const conditions = plain.items('Condition').filter(({ resource }) => {
    const status = firstCode(resource['verificationStatus']);
    const since = firstDay(resource['onsetDateTime']) ?? firstDay(resource['recordedDate']) ?? on;
    return (status === undefined || status === 'confirmed') && since <= on;
  });
  return plain.living(on).map((someone) => {
    const found = new Set<string>();
    for (const { person, resource } of conditions) {
      if (person !== someone.key) continue;
      for (const { system, code = '' } of codings(resource['code'])) {
        for (const [category, , icd10, snomed] of PATTERNS) {
          if (
            system === 'http://snomed.info/sct'
              ? snomed.includes(code)
              : /icd-10/.test(system ?? '') && icd10.test(code)
          )
            found.add(category);
        }
      }
    }
    for (const [severe, mild] of Object.entries(MILDER)) if (found.has(severe)) found.delete(mild);
    const years = age(someone.born, on) ?? 0;
    const points = years >= 80 ? 4 : years >= 70 ? 3 : years >= 60 ? 2 : years >= 50 ? 1 : 0;
    const score = PATTERNS.filter(([category]) => found.has(category)).reduce((sum, [, weight]) => sum + weight, 0);
    return {
      person_key: someone.key,
      categories: [...found].sort(),
      charlson: score,
      charlson_age_adjusted: score + points,
    };
  });
}
