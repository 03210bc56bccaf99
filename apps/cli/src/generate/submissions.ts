import { type Chart } from './chart.js';
import { DAYS_A_YEAR, isoInstant, TOWN_TODAY } from './dates.js';
import { LAB_PANELS } from './laboratory.data.js';
import { addPanel } from './laboratory.js';
import { addProvenance } from './provenance.js';
import { type Random } from './random.js';
import { type Practitioner } from './staff.js';
import { addVisit, type Problems } from './visits.js';

/** Records reach back so far, and end some time before the town's today, so that updates come after them. */
const YEARS_OF_RECORDS = 6;
const QUIET_DAYS = 30;
/** A stay may last some days; none may outlast its patient. */
const DAYS_BEFORE_DEATH = 7;
/** Sites send a week after the last visit, in the early morning. */
const SENT_AFTER_DAYS = 7;
const SENT_AT_MINUTE = 4 * 60 + 30;

/** What a visit, and what an order of the laboratory, come to in resources: to meet the number wished for. */
const RESOURCES_A_VISIT = 9.1;
const RESOURCES_AN_ORDER = 6.6;
/** The laboratory sees a part of what a hospital sees. */
const LABORATORY_SHARE = 0.35;

/** Adds to a draft that holds the Patient all that a hospital recorded, and the Provenance. About `size` resources. */
export function addHospitalRecord(chart: Chart, staff: readonly Practitioner[], size: number): void {
  const days = careDays(chart, size / RESOURCES_A_VISIT);
  let problems: Problems | undefined;
  for (const day of days) problems = addVisit(chart, day, staff, problems);
  send(chart, chart.random.pick(staff), days.at(-1)!);
}

/** The same for the laboratory: orders, each a panel with its report. */
export function addLaboratoryRecord(chart: Chart, staff: readonly Practitioner[], size: number): void {
  const { random } = chart;
  const days = careDays(chart, (size * LABORATORY_SHARE) / RESOURCES_AN_ORDER);
  for (const day of days) {
    const moment = { day, minute: random.between(12 * 60, 19 * 60), practitioner: random.pick(staff) };
    addPanel(chart, moment, random.pick(LAB_PANELS));
  }
  send(chart, random.pick(staff), days.at(-1)!);
}

/** `about` days in order, at least one, within the life of the patient and the reach of the records. */
function careDays({ random, person }: Chart, about: number): number[] {
  const first = Math.max(person.birthDay, TOWN_TODAY - Math.floor(YEARS_OF_RECORDS * DAYS_A_YEAR));
  const end = person.deathDay === undefined ? TOWN_TODAY - QUIET_DAYS : person.deathDay - DAYS_BEFORE_DEATH;
  const last = Math.max(first, Math.min(end, TOWN_TODAY - QUIET_DAYS));
  const days = Array.from({ length: wavering(random, about) }, () => random.between(first, last));
  return days.sort((one, other) => one - other);
}

function wavering(random: Random, about: number): number {
  return Math.max(1, Math.floor(about * random.bell(0.5, 1.5) + random.fraction()));
}

function send({ draft, site }: Chart, author: Practitioner, lastDay: number): void {
  addProvenance(draft, site, author, 'CREATE', isoInstant(lastDay + SENT_AFTER_DAYS, SENT_AT_MINUTE, site.zone));
}
