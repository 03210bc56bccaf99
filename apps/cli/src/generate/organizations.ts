import { bundleOf, Draft, type Entry } from './draft.js';
import { type JsonObject } from './json.js';
import { plainLetters } from './text-errors.js';
import { TOWN_STATE } from './places.data.js';
import { Random } from './random.js';
import { locationToken, organizationToken, practitionerToken, type Site } from './sites.js';
import { type Practitioner } from './staff.js';
import { hl7 } from './systems.js';

/** The stream of numbers for the identities of entries; see Random. */
const ORGANIZATION_STREAM = 3;

/**
 * The Bundle to send first: what the patients' records name by identifier. Each entry is made only if there is none
 * with its identifier, so the file can be sent again. A batch, whose entries MUST NOT refer to each other: hence the
 * logical references.
 */
export function organizationsBundle(seed: number, site: Site, staff: readonly Practitioner[]): JsonObject {
  const draft = new Draft(new Random(seed, ORGANIZATION_STREAM, site.number));
  const owner = { identifier: identifierOf(organizationToken(site)), display: site.title };
  draft.post('Organization', organization(site));
  site.locations.forEach((name, at) => draft.post('Location', location(site, name, at, owner)));
  staff.forEach((practitioner) => draft.post('Practitioner', practitionerBody(practitioner)));
  return bundleOf('batch', draft.entries.map(onlyIfNew));
}

function organization(site: Site): JsonObject {
  return {
    identifier: [identifierOf(organizationToken(site))],
    active: true,
    type: [{ coding: [{ system: hl7('organization-type'), code: 'prov', display: 'Healthcare Provider' }] }],
    name: site.title,
    telecom: [{ system: 'phone', value: site.phone, use: 'work' }],
    address: [addressOf(site)],
  };
}

function location(site: Site, name: string, at: number, owner: JsonObject): JsonObject {
  return {
    identifier: [identifierOf(locationToken(site, at))],
    status: 'active',
    name: `${site.title}, ${name}`,
    mode: 'instance',
    telecom: [{ system: 'phone', value: site.phone, use: 'work' }],
    address: addressOf(site),
    managingOrganization: owner,
  };
}

function practitionerBody({ npi, given, family, sex }: Practitioner): JsonObject {
  const mailbox = plainLetters(`${given}.${family}`)
    .toLowerCase()
    .replace(/[^a-z.]/g, '');
  return {
    identifier: [identifierOf(practitionerToken(npi))],
    active: true,
    name: [{ family, given: [given], prefix: ['Dr.'] }],
    telecom: [{ system: 'email', value: `${mailbox}@example.org`, use: 'work' }],
    gender: sex,
  };
}

function addressOf({ address }: Site): JsonObject {
  return { line: [address.line], city: address.city, state: TOWN_STATE, postalCode: address.postalCode, country: 'US' };
}

function identifierOf(token: string): JsonObject {
  const bar = token.lastIndexOf('|');
  return { system: token.slice(0, bar), value: token.slice(bar + 1) };
}

function onlyIfNew(entry: Entry): Entry {
  const [identifier] = entry.resource['identifier'] as readonly JsonObject[];
  const condition = `identifier=${identifier!['system'] as string}|${identifier!['value'] as string}`;
  return { ...entry, request: { ...entry.request, ifNoneExist: condition } };
}
