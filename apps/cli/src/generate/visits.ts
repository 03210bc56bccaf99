import { VACCINES, VISIT_KINDS, type VisitKind } from './care.data.js';
import { type Chart, type Moment } from './chart.js';
import { ACUTE_CONDITIONS, CHRONIC_CONDITIONS, type ChronicKey } from './conditions.data.js';
import { ageOn } from './dates.js';
import { FOLLOWING_TESTS, LAB_PANELS } from './laboratory.data.js';
import { addPanel, addTest } from './laboratory.js';
import { addBodyMeasurements, addSignsOfIllness } from './measurements.js';
import { type Practitioner } from './staff.js';
import { addEncounter } from './encounter.js';
import { addCondition, addImmunization, addPrescription } from './treatment.js';
import { byWeight, fallingOff } from './weighted.js';

const ADULT_AGE = 18;
const { checkup, symptom, followUp, emergency, admission } = VISIT_KINDS;

const KINDS_OF_CHILDREN = byWeight<VisitKind>([
  [checkup, 60],
  [symptom, 33],
  [emergency, 6],
  [admission, 1],
]);
const KINDS_OF_THE_WELL = byWeight<VisitKind>([
  [checkup, 50],
  [symptom, 38],
  [emergency, 9],
  [admission, 3],
]);
const KINDS_OF_THE_ILL = byWeight<VisitKind>([
  [followUp, 38],
  [checkup, 25],
  [symptom, 24],
  [emergency, 7],
  [admission, 6],
]);
const ACUTE = fallingOff(ACUTE_CONDITIONS);
const [BASIC_PANEL, BLOOD_COUNT] = LAB_PANELS;

/** The Condition records of the patient's chronic conditions, by their keys. */
export type Problems = ReadonlyMap<ChronicKey, string>;

/** A visit with all that is recorded at it; `problems` are known from the first visit on. */
export function addVisit(chart: Chart, day: number, staff: readonly Practitioner[], known?: Problems): Problems {
  const { random } = chart;
  const kind = kindOfVisit(chart, day);
  const arrival = { day, minute: random.between(7 * 60, 17 * 60), practitioner: random.pick(staff) };
  const moment = { ...arrival, encounter: addEncounter(chart, arrival, kind) };
  const problems = known ?? addProblems(chart, moment);
  switch (kind.name) {
    case 'checkup':
      addCheckup(chart, moment);
      break;
    case 'symptom':
      addSignsOfIllness(chart, moment);
      addAcuteCondition(chart, moment);
      break;
    case 'follow-up':
      addFollowUp(chart, moment, problems);
      break;
    case 'emergency':
      addSignsOfIllness(chart, moment);
      addAcuteCondition(chart, moment);
      if (random.chance(0.7)) addPanel(chart, moment, BASIC_PANEL!);
      break;
    case 'admission':
      addSignsOfIllness(chart, moment);
      addBodyMeasurements(chart, moment);
      addAcuteCondition(chart, moment);
      addPanel(chart, moment, BASIC_PANEL!);
      addPanel(chart, moment, BLOOD_COUNT!);
  }
  return problems;
}

function kindOfVisit({ random, person }: Chart, day: number): VisitKind {
  if (ageOn(day, person.birthDay) < ADULT_AGE) return KINDS_OF_CHILDREN.draw(random);
  return (person.chronic.length > 0 ? KINDS_OF_THE_ILL : KINDS_OF_THE_WELL).draw(random);
}

function addProblems(chart: Chart, moment: Moment): Problems {
  const known = CHRONIC_CONDITIONS.filter(({ key }) => chart.person.chronic.includes(key));
  return new Map(
    known.map((condition) => {
      const onsetDay = Math.max(chart.person.birthDay, moment.day - chart.random.between(30, 3_600));
      return [condition.key, addCondition(chart, moment, condition, { problem: true, onsetDay })];
    }),
  );
}

function addCheckup(chart: Chart, moment: Moment): void {
  const { random, person } = chart;
  addBodyMeasurements(chart, moment);
  if (random.chance(0.6)) addPanel(chart, moment, random.pick(LAB_PANELS));
  const age = ageOn(moment.day, person.birthDay);
  if (random.chance(0.5)) addImmunization(chart, moment, random.pick(VACCINES.filter(({ fromAge }) => fromAge <= age)));
}

function addFollowUp(chart: Chart, moment: Moment, problems: Problems): void {
  addBodyMeasurements(chart, moment);
  for (const condition of CHRONIC_CONDITIONS) {
    const problem = problems.get(condition.key);
    if (problem === undefined) continue;
    const test = FOLLOWING_TESTS[condition.key];
    if (test !== undefined) addTest(chart, moment, test);
    if (condition.medication !== undefined) addPrescription(chart, moment, condition.medication, true, problem);
  }
}

function addAcuteCondition(chart: Chart, moment: Moment): void {
  const condition = ACUTE.draw(chart.random);
  const reason = addCondition(chart, moment, condition, { problem: false, days: chart.random.between(3, 14) });
  if (condition.medication !== undefined) addPrescription(chart, moment, condition.medication, false, reason);
}
