import { type JsonObject } from './json.js';
import { type Address } from './person.js';
import { TOWN_STATE } from './places.data.js';
import { type Registration } from './registration.js';
import { type Site } from './sites.js';
import { organizationReference } from './staff.js';
import { hl7, SSN } from './systems.js';

/** The Patient as a site sends it; `number` is its own number for the patient. */
export function patientBody(site: Site, number: string, registration: Registration): JsonObject {
  const { ssn, gender, birthDate, deathDate, address, married, birthOrder } = registration;
  return {
    identifier: [
      identifier('MR', 'Medical record number', site.patientSystem, number),
      ...(ssn === undefined ? [] : [identifier('SS', 'Social Security number', SSN, ssn)]),
    ],
    active: deathDate === undefined,
    name: names(registration),
    telecom: telecom(registration),
    gender,
    birthDate,
    deceasedDateTime: deathDate,
    address: address && [addressBody(address)],
    maritalStatus: married === undefined ? undefined : maritalStatus(married),
    multipleBirthInteger: birthOrder,
    contact: mother(registration),
    managingOrganization: organizationReference(site),
  };
}

function identifier(code: string, display: string, system: string, value: string): JsonObject {
  return {
    use: code === 'MR' ? 'usual' : 'official',
    type: { coding: [{ system: hl7('v2-0203'), code, display }], text: display },
    system,
    value,
  };
}

function names({ family, given, suffix, formerFamily }: Registration): JsonObject[] {
  const official = { use: 'official', family, given, suffix: suffix === undefined ? undefined : [suffix] };
  return formerFamily === undefined ? [official] : [official, { use: 'maiden', family: formerFamily, given }];
}

function telecom({ phone, email }: Registration): JsonObject[] | undefined {
  const points = [
    ...(phone === undefined ? [] : [{ system: 'phone', value: phone, use: 'home' }]),
    ...(email === undefined ? [] : [{ system: 'email', value: email }]),
  ];
  return points.length === 0 ? undefined : points;
}

function addressBody({ line, city, postalCode }: Address): JsonObject {
  return { use: 'home', line: [line], city, state: TOWN_STATE, postalCode, country: 'US' };
}

function maritalStatus(married: boolean): JsonObject {
  const code = married ? { code: 'M', display: 'Married' } : { code: 'S', display: 'Never Married' };
  return { coding: [{ system: hl7('v3-MaritalStatus'), ...code }], text: code.display };
}

function mother({ mother }: Registration): JsonObject[] | undefined {
  if (mother === undefined) return undefined;
  const code = { system: hl7('v3-RoleCode'), code: 'MTH', display: 'mother' };
  return [
    {
      relationship: [{ coding: [code] }],
      name: { family: mother.family, given: [mother.given] },
      gender: 'female',
    },
  ];
}
