import { type Coding, type ValueSet } from '../../measure/resources.js';
import { BASE, VERSION } from '../canonical.js';

export const LOINC = 'http://loinc.org';
export const SNOMED = 'http://snomed.info/sct';
export const CVX = 'http://hl7.org/fhir/sid/cvx';
export const ICD_10_CM = 'http://hl7.org/fhir/sid/icd-10-cm';
export const CIEL = 'https://cielterminology.org';

const COPYRIGHT: Readonly<Record<string, string>> = {
  [LOINC]:
    'This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief Institute, Inc. and the LOINC Committee and is available at no cost under the license at http://loinc.org/license.',
  [SNOMED]:
    'This material names codes of SNOMED CT, copyright © SNOMED International, as its Global Patient Set has them, licensed under CC BY 4.0 (https://www.snomed.org/snomed-international/learn-more/global-patient-set). Other uses of SNOMED CT need a licence: https://www.snomed.org/get-snomed.',
  [CVX]: 'CVX codes are made by the US Centers for Disease Control and Prevention and are in the public domain.',
  [ICD_10_CM]: 'ICD-10-CM is made by the US National Center for Health Statistics and is in the public domain.',
  [CIEL]: 'CIEL concepts are copyright © CIEL and licensed under CC BY 4.0.',
};

export type CodeList = readonly (readonly [code: string, display: string])[];
type Codes = Readonly<Record<string, CodeList>>;

/** A value set as a list of codes: small, our own, and to be replaced by whoever has a better one under the same URL. */
export function valueSet(id: string, name: string, title: string, codes: Codes): ValueSet & Record<string, unknown> {
  const systems = Object.keys(codes);
  return {
    resourceType: 'ValueSet',
    id,
    url: `${BASE}/ValueSet/${id}`,
    version: VERSION,
    name,
    title,
    status: 'active',
    copyright: [...new Set(systems.map((system) => COPYRIGHT[system]))].join(' '),
    compose: {
      include: systems.map((system) => ({
        system,
        concept: codes[system].map(([code, display]): Coding => ({ code, display })),
      })),
    },
  };
}
