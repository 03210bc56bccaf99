import { type Library } from '../../measure/resources.js';
import { BASE } from '../canonical.js';
import * as bloodPressure from './elm/BloodPressureRecorded.elm.js';
import * as chronic from './elm/ChronicConditions.elm.js';
import * as helpers from './elm/FHIRHelpers.elm.js';
import * as hiv from './elm/HivViralLoad.elm.js';
import * as influenza from './elm/InfluenzaImmunization.elm.js';
import * as mmr from './elm/MmrImmunization.elm.js';
import * as stays from './elm/InpatientStays.elm.js';

interface Logic {
  CQL: string;
  ELM: string;
}

/** A Library with its CQL to read, and its ELM to run. */
function library({ CQL, ELM }: Logic, more: object = {}): Library & Record<string, unknown> {
  const { id: name, version } = (JSON.parse(ELM) as { library: { identifier: { id: string; version: string } } })
    .library.identifier;
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  return {
    resourceType: 'Library',
    id: name,
    url: libraryUrl(name),
    version,
    name,
    status: 'active',
    type: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'logic-library' }],
    },
    ...more,
    content: [
      { contentType: 'text/cql', data: base64(CQL) },
      { contentType: 'application/elm+json', data: base64(ELM) },
    ],
  };
}

export function libraryUrl(name: string): string {
  return `${BASE}/Library/${name}`;
}

export const LIBRARIES: readonly (Library & Record<string, unknown>)[] = [
  library(helpers, {
    copyright: 'FHIRHelpers is part of the CQL project of HL7 and Alphora, licensed under Apache 2.0.',
  }),
  ...[influenza, bloodPressure, hiv, stays, chronic, mmr].map((logic) => library(logic)),
];
