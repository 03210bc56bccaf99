import { type TokenParam } from '@chartledger/fhir';
import { type RecordName } from '../persons/person-entries.js';

/** A Patient record of the person who was asked for. */
export interface PatientText {
  name: RecordName;
  patient: { identifier?: unknown };
}

interface Identifier {
  system?: string;
  value?: string;
  [member: string]: unknown;
}

/** Of an Identifier what says the same outside its record: an assigner may be a reference within its source. */
const KEPT = ['use', 'type', 'system', 'value', 'period'] as const;

/**
 * The parameters of an answer to PIXm's ITI-83: every identifier of the person once, the one that was asked with left out,
 * and every record that stands for the person in the systems asked for.
 * @param targetSystems none: all.
 */
export function crossReferences(
  patients: readonly PatientText[],
  asked: TokenParam,
  targetSystems: readonly string[],
  root: string,
): object[] {
  const isWanted = ({ system }: Identifier): boolean =>
    targetSystems.length === 0 || (system !== undefined && targetSystems.includes(system));
  const identifiers = new Map<string, Identifier>();
  const targets: string[] = [];
  for (const { name, patient } of patients) {
    const wanted = identifiersOf(patient).filter(isWanted);
    for (const identifier of wanted) {
      const { system, value } = identifier;
      if (value === undefined || (system === asked.system && value === asked.value)) continue;
      const key = JSON.stringify([system, value]);
      if (!identifiers.has(key)) identifiers.set(key, identifier);
    }
    if (targetSystems.length === 0 || wanted.length > 0) targets.push(name);
  }
  return [
    ...[...identifiers.values()].map((identifier) => ({ name: 'targetIdentifier', valueIdentifier: kept(identifier) })),
    ...targets.map((name) => ({ name: 'targetId', valueReference: { reference: `${root}/fhir/${name}` } })),
  ];
}

function identifiersOf({ identifier }: PatientText['patient']): Identifier[] {
  if (!Array.isArray(identifier)) return [];
  return identifier.filter((one): one is Identifier => typeof one === 'object' && one !== null);
}

function kept(identifier: Identifier): Identifier {
  return Object.fromEntries(KEPT.flatMap((name) => (identifier[name] === undefined ? [] : [[name, identifier[name]]])));
}
