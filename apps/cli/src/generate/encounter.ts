import { type VisitKind } from './care.data.js';
import { at, type Chart, type Moment } from './chart.js';
import { type JsonObject } from './json.js';
import { locationReference, organizationReference, practitionerReference } from './staff.js';
import { coding, concept, hl7, SNOMED } from './systems.js';

const ACT_CODE = hl7('v3-ActCode');
const PRIMARY_PERFORMER = { code: 'PPRF', display: 'primary performer' };

/** Where a kind of visit takes place: an index into the site's locations. */
const LOCATIONS = { checkup: 0, symptom: 0, 'follow-up': 1, emergency: 2, admission: 3 } as const;

/** The Encounter of a visit that begins at `arrival`. */
export function addEncounter(chart: Chart, arrival: Moment, kind: VisitKind): string {
  const [shortest, longest] = kind.minutes;
  const period = { start: at(chart, arrival), end: at(chart, arrival, chart.random.between(shortest, longest)) };
  return chart.draft.add('Encounter', {
    status: 'finished',
    class: coding(ACT_CODE, kind.encounterClass),
    type: [concept(SNOMED, kind.type)],
    subject: { reference: chart.patient },
    participant: [participant(arrival, period)],
    period,
    location: [{ location: locationReference(chart.site, LOCATIONS[kind.name]) }],
    serviceProvider: organizationReference(chart.site),
  });
}

function participant({ practitioner }: Moment, period: JsonObject): JsonObject {
  return {
    type: [concept(hl7('v3-ParticipationType'), PRIMARY_PERFORMER)],
    period,
    individual: practitionerReference(practitioner),
  };
}
