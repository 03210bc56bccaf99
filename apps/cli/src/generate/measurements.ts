import { at, bearings, type Chart, type Moment } from './chart.js';
import { ageOn } from './dates.js';
import { decimal, type Decimal, type JsonObject } from './json.js';
import { coding, concept, hl7, LOINC, UCUM } from './systems.js';
import { type Code } from './conditions.data.js';

const MEASURED_AFTER_MINUTES = 5;
const ADULT_AGE = 18;

const BLOOD_PRESSURE = { code: '85354-9', display: 'Blood pressure panel with all children optional' };
const SYSTOLIC = { code: '8480-6', display: 'Systolic blood pressure' };
const DIASTOLIC = { code: '8462-4', display: 'Diastolic blood pressure' };

export function quantity(value: Decimal, unit: string): JsonObject {
  return { value, unit, system: UCUM, code: unit };
}

export function observationCategory(code: Code): JsonObject[] {
  return [{ coding: [coding(hl7('observation-category'), code)] }];
}

/** Height, weight, body mass index and blood pressure: what is measured at every planned visit. */
export function addBodyMeasurements(chart: Chart, moment: Moment): void {
  const { heightCentimetres, weightKilograms } = buildOn(chart, moment.day);
  const bodyMassIndex = weightKilograms / squareMetres(heightCentimetres);
  addVital(chart, moment, { code: '8302-2', display: 'Body height' }, decimal(heightCentimetres, 1), 'cm');
  addVital(chart, moment, { code: '29463-7', display: 'Body weight' }, decimal(weightKilograms, 1), 'kg');
  addVital(
    chart,
    moment,
    { code: '39156-5', display: 'Body mass index (BMI) [Ratio]' },
    decimal(bodyMassIndex, 2),
    'kg/m2',
  );
  addBloodPressure(chart, moment);
}

/** Temperature, pulse and oxygen saturation: what is measured in those who feel ill. */
export function addSignsOfIllness(chart: Chart, moment: Moment): void {
  const { random } = chart;
  addVital(chart, moment, { code: '8310-5', display: 'Body temperature' }, decimal(random.bell(36.1, 39.4), 1), 'Cel');
  addVital(chart, moment, { code: '8867-4', display: 'Heart rate' }, decimal(random.bell(58, 118), 0), '/min');
  const saturation = { code: '2708-6', display: 'Oxygen saturation in Arterial blood' };
  addVital(chart, moment, saturation, decimal(random.bell(91, 100), 0), '%');
}

function addVital(chart: Chart, moment: Moment, code: Code, value: Decimal, unit: string): void {
  chart.draft.add('Observation', { ...vital(chart, moment, code), valueQuantity: quantity(value, unit) });
}

function addBloodPressure(chart: Chart, moment: Moment): void {
  const high = chart.person.chronic.includes('hypertension');
  const systolic = Math.round(high ? chart.random.bell(128, 172) : chart.random.bell(98, 138));
  const diastolic = Math.round(systolic * 0.55 + chart.random.bell(6, 18));
  const component = (code: Code, value: number): JsonObject => ({
    code: concept(LOINC, code),
    valueQuantity: quantity(decimal(value, 0), 'mm[Hg]'),
  });
  chart.draft.add('Observation', {
    ...vital(chart, moment, BLOOD_PRESSURE),
    component: [component(SYSTOLIC, systolic), component(DIASTOLIC, diastolic)],
  });
}

function vital(chart: Chart, moment: Moment, code: Code): JsonObject {
  return {
    status: 'final',
    category: observationCategory({ code: 'vital-signs', display: 'Vital Signs' }),
    code: concept(LOINC, code),
    ...bearings(chart, moment),
    effectiveDateTime: at(chart, moment, MEASURED_AFTER_MINUTES),
    issued: at(chart, moment, MEASURED_AFTER_MINUTES),
  };
}

/** Children grow in a line; adults keep their height and waver about their weight. */
function buildOn({ person, random }: Chart, day: number): { heightCentimetres: number; weightKilograms: number } {
  const age = ageOn(day, person.birthDay);
  const grown = Math.min(1, (age + 6) / (ADULT_AGE + 6));
  const heightCentimetres = 50 + (person.heightCentimetres - 50) * (age === 0 ? 0.1 : grown);
  const index = age >= ADULT_AGE ? person.bodyMassIndex : 15 + age * 0.3;
  const wavering = random.bell(0.97, 1.03);
  return { heightCentimetres, weightKilograms: index * squareMetres(heightCentimetres) * wavering };
}

/** A product and no power: only that is exact on every machine. */
function squareMetres(centimetres: number): number {
  return (centimetres / 100) * (centimetres / 100);
}
