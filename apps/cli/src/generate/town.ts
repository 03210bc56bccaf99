import { Desk } from './desk.js';
import { type GeneratedFile } from './generated-file.js';
import { people } from './people.js';
import { placementsOf } from './placements.js';
import { Random } from './random.js';
import { SITES } from './sites.js';

export interface TownOptions {
  /** People in the town. Each is known to one source at least, so that there are some 1.7 times as many Patients. */
  readonly patients: number;
  /** A whole number from 0. */
  readonly seed: number;
  /** About how many resources a hospital sends of a patient; the laboratory sends a third of that. */
  readonly resourcesPerPatient?: number;
}

/** A patient's bundle of some 30 to 60 resources, as a hospital's record of a few years has. */
export const DEFAULT_RESOURCES_PER_PATIENT = 45;
/** For speed tests that count patients: one visit each. */
export const SMALL_RESOURCES_PER_PATIENT = 10;

/** Up to here the patient files of a source are in one folder; beyond in folders of a thousand. */
const MOST_PATIENTS_IN_ONE_FOLDER = 5_000;
const FILES_A_FOLDER = 1_000;

/** The stream of numbers for where people are known; see Random. */
const PLACEMENT_STREAM = 5;

/**
 * The files of a town with two hospitals and a laboratory, in an order in which they can be loaded: of each source
 * `organizations.json`, then `patients/`, then `updates/`; the order by name within a source is the same.
 *
 * The same options give the same bytes on every machine; the first files of a larger town are those of a smaller one
 * while both have one folder. It holds no more than the updates in memory. Throws RangeError for options out of range.
 */
export function* town(options: TownOptions): Generator<GeneratedFile> {
  const { patients, seed, resourcesPerPatient } = checked(options);
  const folderOf = patients > MOST_PATIENTS_IN_ONE_FOLDER ? folderOfThousand : (): string => 'patients';
  const desks = SITES.map((site) => new Desk(seed, site, resourcesPerPatient, folderOf));
  for (const desk of desks) yield desk.organizations();
  for (const person of people(seed, patients)) {
    for (const { site, duplicate } of placementsOf(new Random(seed, PLACEMENT_STREAM, person.index))) {
      yield desks.find((desk) => desk.site === site)!.admit(person, duplicate);
    }
  }
  for (const desk of desks) yield* desk.updates();
}

function folderOfThousand(serial: number): string {
  return `patients/${String(Math.floor(serial / FILES_A_FOLDER)).padStart(3, '0')}`;
}

function checked({ patients, seed, resourcesPerPatient }: TownOptions): Required<TownOptions> {
  const size = resourcesPerPatient ?? DEFAULT_RESOURCES_PER_PATIENT;
  if (!Number.isSafeInteger(patients) || patients < 1 || patients > 900_000) {
    throw new RangeError(`patients must be a whole number from 1 to 900000, not ${patients}`);
  }
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`seed must be a whole number from 0, not ${seed}`);
  if (!(size >= 1 && size <= 10_000)) {
    throw new RangeError(`resources per patient must be from 1 to 10000, not ${size}`);
  }
  return { patients, seed, resourcesPerPatient: size };
}
