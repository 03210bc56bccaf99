import { isoInstant, TOWN_TODAY } from './dates.js';
import { Draft, type Entry, withReferences } from './draft.js';
import { decimal, type Decimal, type JsonObject } from './json.js';
import { addProvenance } from './provenance.js';
import { type Random } from './random.js';
import { type Site } from './sites.js';
import { type Practitioner } from './staff.js';

/** Updates are sent in the last days, after all records; see QUIET_DAYS in submissions.ts. */
const UPDATE_DAYS = 9;
const UPDATE_MINUTE = 5 * 60;

/**
 * A later version of what a site sent under ids of its own: the Patient corrected, a laboratory result corrected, a
 * running prescription stopped, and a Provenance that names them. `first` MUST be a draft with a `clientId`.
 */
export function amendment(
  random: Random,
  site: Site,
  author: Practitioner,
  first: readonly Entry[],
  patientBody: JsonObject,
): Draft {
  const draft = new Draft(random);
  const urls = new Map(first.map(({ fullUrl, request }) => [fullUrl, request['url'] as string]));
  const again = (entry: Entry | undefined, change: (resource: JsonObject) => JsonObject): void => {
    if (entry === undefined) return;
    const { resourceType, id, ...body } = withReferences(entry.resource, urls);
    draft.put(resourceType as string, id as string, change(body));
  };
  again(first.find(isPatient), () => patientBody);
  again(first.find(isLaboratoryResult), (body) => correctedResult(random, body));
  again(first.find(isRunningPrescription), (body) => ({ ...body, status: 'stopped' }));
  const day = TOWN_TODAY - random.below(UPDATE_DAYS);
  addProvenance(draft, site, author, 'UPDATE', isoInstant(day, UPDATE_MINUTE, site.zone));
  return draft;
}

/** The Patient as it stands, sent once more: no new version, but a confirmation. */
export function resending(random: Random, first: readonly Entry[], patientBody: JsonObject): Draft {
  const draft = new Draft(random);
  draft.put('Patient', first.find(isPatient)!.resource['id'] as string, patientBody);
  return draft;
}

function isPatient({ resource }: Entry): boolean {
  return resource['resourceType'] === 'Patient';
}

function isLaboratoryResult({ resource }: Entry): boolean {
  return resource['resourceType'] === 'Observation' && resource['referenceRange'] !== undefined;
}

function isRunningPrescription({ resource }: Entry): boolean {
  return resource['resourceType'] === 'MedicationRequest' && resource['status'] === 'active';
}

/** The value a little higher, with as many decimals as before. */
function correctedResult(random: Random, body: JsonObject): JsonObject {
  const quantity = body['valueQuantity'] as JsonObject;
  const { text } = quantity['value'] as Decimal;
  const value = decimal(Number(text) * random.bell(1.02, 1.12), text.split('.')[1]?.length ?? 0);
  return { ...body, status: 'corrected', valueQuantity: { ...quantity, value } };
}
