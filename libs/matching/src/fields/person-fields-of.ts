import { type Demographics } from '@chartledger/projection';
import { type PersonAddress, type PersonFields, type PersonName } from '../engine/person-fields.js';

/*
 * FHIR Patient → what the engine compares. Sources whose policy is to record what they find may send anything: what is not
 * of the shape that FHIR gives it is left out.
 */

/**
 * Identifier types (http://terminology.hl7.org/CodeSystem/v2-0203) of which a person has one in a system, so that two
 * different ones speak against one person.
 */
const ONE_A_PERSON = new Set([
  'SS',
  'NI',
  'NH',
  'HC',
  'JHN',
  'MC',
  'PPN',
  'TAX',
  'SB',
  'BCT',
  'CZ',
  'IND',
  'PRC',
  'DL',
]);
/** Systems that say as much without a type. */
const NATIONAL_SYSTEM =
  /us-ssn|2\.16\.840\.1\.113883\.4\.1$|nhs-number|national-?id|\/ihi\/|medicare|passport|health-?card|personnummer|bsn/i;

const MOTHER = new Set(['MTH', 'NMTH']);

/** @param source the source that sent it: it stands for the system where an identifier has none. */
export function personFieldsOf(patient: Demographics, source: string): PersonFields {
  const telecom = objects(patient.telecom);
  const mother = motherOf(patient);
  const birth = patient.multipleBirthInteger ?? patient.multipleBirthBoolean;
  return {
    names: objects(patient.name).map(nameOf),
    ...(typeof patient.birthDate === 'string' ? { birthDate: patient.birthDate } : {}),
    ...(typeof patient.gender === 'string' ? { sex: patient.gender } : {}),
    phones: valuesOf(telecom, ['phone', 'sms']),
    emails: valuesOf(telecom, ['email']),
    addresses: objects(patient.address).map(addressOf),
    identifiers: objects(patient.identifier).flatMap((identifier) => identifierOf(identifier, source)),
    ...(mother ? { motherName: mother } : {}),
    ...(typeof birth === 'number' || typeof birth === 'boolean' ? { multipleBirth: birth } : {}),
  };
}

const known = new WeakMap<Demographics, PersonFields>();

/** As `personFieldsOf`, of the facts of one entry, which its view and the matcher ask for: read once for both. */
export function fieldsOfFacts(facts: Demographics, source: string): PersonFields {
  let fields = known.get(facts);
  if (!fields) known.set(facts, (fields = personFieldsOf(facts, source)));
  return fields;
}

function nameOf(name: Loose): PersonName {
  const given = strings(name['given']);
  const family = string(name['family']);
  const suffix = strings(name['suffix']).join(' ');
  const use = string(name['use']);
  const parts = given.length === 0 && family === undefined ? spokenName(string(name['text']) ?? '') : { given, family };
  return {
    given: parts.given,
    ...(parts.family === undefined ? {} : { family: parts.family }),
    ...(suffix === '' ? {} : { suffix }),
    ...(use === undefined ? {} : { use }),
  };
}

/** `Smith, Ann Lee` or `Ann Lee Smith`, for a name that was sent as one text. */
function spokenName(text: string): { given: string[]; family?: string } {
  const comma = text.indexOf(',');
  if (comma !== -1) return { given: words(text.slice(comma + 1)), family: text.slice(0, comma).trim() };
  const all = words(text);
  const family = all.length > 1 ? all.pop() : undefined;
  return { given: all, ...(family === undefined ? {} : { family }) };
}

function addressOf(address: Loose): PersonAddress {
  const line = strings(address['line']).join(', ');
  const text = line === '' ? string(address['text']) : line;
  const city = string(address['city']);
  const postcode = string(address['postalCode']);
  const state = string(address['state']);
  return {
    ...(text ? { line: text } : {}),
    ...(city === undefined ? {} : { city }),
    ...(postcode === undefined ? {} : { postcode }),
    ...(state === undefined ? {} : { state }),
  };
}

/**
 * A record number says who somebody is where two records have the same one; two different ones say nothing, because a
 * person is registered twice now and then. So its value is a part of its system.
 */
function identifierOf(identifier: Loose, source: string): { system: string; value: string }[] {
  const value = string(identifier['value']);
  if (!value) return [];
  const system = string(identifier['system']) ?? `urn:chartledger:source:${source}`;
  const codes = objects(object(identifier['type'])['coding']).map((coding) => string(coding['code']) ?? '');
  const isPersonal = codes.some((code) => ONE_A_PERSON.has(code)) || NATIONAL_SYSTEM.test(system);
  return [{ system: isPersonal ? system : `${system}|${value}`, value }];
}

function motherOf({ contact }: Demographics): { given?: string; family?: string } | undefined {
  const mother = objects(contact).find(({ relationship }) =>
    objects(relationship).some(
      (one) =>
        objects(one['coding']).some((coding) => MOTHER.has(string(coding['code']) ?? '')) ||
        /^mother$/i.test(string(one['text']) ?? ''),
    ),
  );
  if (!mother) return undefined;
  const { given, family } = nameOf(object(mother['name']));
  return { ...(given[0] === undefined ? {} : { given: given[0] }), ...(family === undefined ? {} : { family }) };
}

function valuesOf(telecom: readonly Loose[], systems: readonly string[]): string[] {
  return telecom.flatMap(({ system, value }) => {
    const text = string(value)?.replace(/^(tel|mailto|sms):/i, '');
    return text && systems.includes(string(system) ?? '') ? [text] : [];
  });
}

type Loose = Readonly<Record<string, unknown>>;

function objects(value: unknown): Loose[] {
  return Array.isArray(value) ? value.filter((item): item is Loose => typeof item === 'object' && item !== null) : [];
}

function object(value: unknown): Loose {
  return typeof value === 'object' && value !== null ? (value as Loose) : {};
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
