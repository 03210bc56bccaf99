import { isoInstant } from './dates.js';
import { type Draft } from './draft.js';
import { type JsonObject } from './json.js';
import { type Person } from './person.js';
import { type Random } from './random.js';
import { type Site } from './sites.js';
import { type Practitioner } from './staff.js';

/** What the makers of clinical records need to know: whose chart, where, and the Bundle that it goes into. */
export interface Chart {
  readonly site: Site;
  readonly person: Person;
  readonly random: Random;
  readonly draft: Draft;
  /** The reference to the Patient in the draft. */
  readonly patient: string;
}

/** A moment of care: at a visit, or at the laboratory without one. */
export interface Moment {
  readonly day: number;
  /** From midnight of the day. */
  readonly minute: number;
  readonly practitioner: Practitioner;
  /** The reference to the Encounter in the draft, where there is one. */
  readonly encounter?: string;
}

/** The instant of a moment, some minutes later, as the site writes it. */
export function at(chart: Chart, moment: Moment, minutesLater = 0): string {
  return isoInstant(moment.day, moment.minute + minutesLater, chart.site.zone);
}

/** The two members that tie a clinical resource to patient and visit. */
export function bearings(chart: Chart, moment: Moment): JsonObject {
  return {
    subject: { reference: chart.patient },
    encounter: moment.encounter === undefined ? undefined : { reference: moment.encounter },
  };
}
