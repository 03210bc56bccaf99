import { at, bearings, type Chart, type Moment } from './chart.js';
import { decimal, type JsonObject } from './json.js';
import { type LabPanel, type LabTest, type Range } from './laboratory.data.js';
import { observationCategory, quantity } from './measurements.js';
import { organizationReference, practitionerReference } from './staff.js';
import { coding, concept, hl7, LOINC } from './systems.js';

const RESULT_AFTER_MINUTES = 90;
const REPORT_AFTER_MINUTES = 100;
/** Of those with the condition, the share whose values show it; of the others, that are outside of the range anyway. */
const SHARE_SHOWING = 0.8;
const SHARE_OUTSIDE = 0.06;

/** The results of a panel, and the DiagnosticReport that gathers them. */
export function addPanel(chart: Chart, moment: Moment, panel: LabPanel): void {
  const results = panel.tests.map((test) => ({ reference: addTest(chart, moment, test) }));
  chart.draft.add('DiagnosticReport', {
    status: 'final',
    category: [{ coding: [coding(hl7('v2-0074'), { code: 'LAB', display: 'Laboratory' })] }],
    code: concept(LOINC, panel),
    ...bearings(chart, moment),
    effectiveDateTime: at(chart, moment),
    issued: at(chart, moment, REPORT_AFTER_MINUTES),
    performer: [organizationReference(chart.site)],
    resultsInterpreter: [practitionerReference(moment.practitioner)],
    result: results,
  });
}

/** One result. Its value is written with the decimals of the test: a creatinine of 1.5 is `1.50`. */
export function addTest(chart: Chart, moment: Moment, test: LabTest): string {
  const value = decimal(measured(chart, test), test.places);
  return chart.draft.add('Observation', {
    status: 'final',
    category: observationCategory({ code: 'laboratory', display: 'Laboratory' }),
    code: concept(LOINC, test),
    ...bearings(chart, moment),
    effectiveDateTime: at(chart, moment),
    issued: at(chart, moment, RESULT_AFTER_MINUTES),
    performer: [organizationReference(chart.site)],
    valueQuantity: quantity(value, test.unit),
    interpretation: [interpretation(Number(value.text), test.normal)],
    referenceRange: [referenceRange(test)],
  });
}

/** What is seen in this patient: within the normal range, about it, or in the range of a condition of theirs. */
function measured({ random, person }: Chart, { normal, under }: LabTest): number {
  const [low, high] = normal;
  if (under !== undefined && person.chronic.includes(under.condition) && random.chance(SHARE_SHOWING)) {
    return random.bell(...under.range);
  }
  return random.chance(SHARE_OUTSIDE) ? random.bell(low * 0.8, high * 1.25) : random.bell(low, high);
}

function interpretation(value: number, [low, high]: Range): JsonObject {
  const code =
    value < low
      ? { code: 'L', display: 'Low' }
      : value > high
        ? { code: 'H', display: 'High' }
        : { code: 'N', display: 'Normal' };
  return { coding: [coding(hl7('v3-ObservationInterpretation'), code)] };
}

function referenceRange({ normal: [low, high], places, unit }: LabTest): JsonObject {
  return { low: quantity(decimal(low, places), unit), high: quantity(decimal(high, places), unit) };
}
