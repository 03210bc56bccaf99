import { bundleOf, Draft } from './draft.js';
import { type GeneratedFile } from './generated-file.js';
import { type JsonObject, writeJson } from './json.js';
import { patientNumber } from './numbers.js';
import { organizationsBundle } from './organizations.js';
import { patientBody } from './patient.resource.js';
import { type Person } from './person.js';
import { anyPhone } from './places.js';
import { Random } from './random.js';
import { register } from './registration.js';
import { distort } from './registration-errors.js';
import { type Site } from './sites.js';
import { type Practitioner, staffOf } from './staff.js';
import { addHospitalRecord, addLaboratoryRecord } from './submissions.js';
import { amendment, resending } from './updates.js';

/** The stream of numbers for the records of a site; see Random. */
const RECORD_STREAM = 4;
/** Of this many patients of a hospital, the first is sent under ids of the hospital's own, and updated later. */
const FOLLOWED_ONE_IN = 25;

/** A site at work: numbers its patients, and makes the files that it sends, in the order in which it sends them. */
export class Desk {
  private readonly staff: readonly Practitioner[];
  private readonly waiting: GeneratedFile[] = [];
  private serial = 0;

  /** `folderOf` names the folder of the n-th patient file; `size` is the number of resources wished for in it. */
  constructor(
    private readonly seed: number,
    readonly site: Site,
    private readonly size: number,
    private readonly folderOf: (serial: number) => string,
  ) {
    this.staff = staffOf(seed, site);
  }

  /** The file to load first. */
  organizations(): GeneratedFile {
    return this.file('organizations.json', organizationsBundle(this.seed, this.site, this.staff));
  }

  /** Registers someone and makes their file. A `duplicate` has at least one error: else the desk had found the first. */
  admit(person: Person, duplicate: boolean): GeneratedFile {
    const { site, seed, staff } = this;
    const serial = ++this.serial;
    const random = new Random(seed, RECORD_STREAM, site.number, serial);
    const number = site.patientPrefix + patientNumber(site.number, serial);
    const clean = register(random, person, site);
    const { registration, errors } = distort(random, clean, person, duplicate ? 1 : 0);

    const followed = site.kind === 'hospital' && serial % FOLLOWED_ONE_IN === 1;
    const draft = new Draft(random, followed ? `${site.source}-${sixDigits(serial)}` : undefined);
    const patient = draft.add('Patient', patientBody(site, number, registration));
    const addRecord = site.kind === 'hospital' ? addHospitalRecord : addLaboratoryRecord;
    addRecord({ site, person, random, draft, patient }, staff, this.size);

    if (followed) {
      const later = errors.length > 0 ? clean : { ...clean, phone: anyPhone(random) };
      this.follow(random, draft, patientBody(site, number, later));
    }
    const path = `${this.folderOf(serial)}/${sixDigits(serial)}.json`;
    const truth = { source: site.source, patient: `${site.patientSystem}|${number}`, person: person.id, errors };
    return { ...this.file(path, bundleOf('transaction', draft.entries)), truth };
  }

  /** The files to load last. */
  updates(): readonly GeneratedFile[] {
    return this.waiting;
  }

  private follow(random: Random, first: Draft, body: JsonObject): void {
    const drafts = [
      amendment(random, this.site, random.pick(this.staff), first.entries, body),
      resending(random, first.entries, body),
    ];
    for (const { entries } of drafts) {
      const path = `updates/${sixDigits(this.waiting.length + 1)}.json`;
      this.waiting.push(this.file(path, bundleOf('transaction', entries)));
    }
  }

  private file(path: string, bundle: JsonObject): GeneratedFile {
    const { source, indent } = this.site;
    const resources = (bundle['entry'] as readonly JsonObject[]).length;
    return { source, path: `${source}/${path}`, text: writeJson(bundle, indent), resources };
  }
}

function sixDigits(number: number): string {
  return String(number).padStart(6, '0');
}
