import { type Definitions } from './definitions.js';

/**
 * The structure of SQL on FHIR's ViewDefinition (http://sql-on-fhir.org, StructureDefinition-ViewDefinition), 2.0 and the
 * 3.0 ballot: no resource of FHIR R4, but kept and served as one by the system's own source.
 */
export const VIEW_DEFINITION: Definitions = {
  resources: ['ViewDefinition'],
  types: {
    ViewDefinition: {
      $extends: 'DomainResource',
      url: '0..1 uri',
      identifier: '0..* Identifier',
      version: '0..1 string',
      name: '0..1 string',
      title: '0..1 string',
      status: '1..1 code',
      experimental: '0..1 boolean',
      date: '0..1 dateTime',
      publisher: '0..1 string',
      contact: '0..* ContactDetail',
      description: '0..1 markdown',
      useContext: '0..* UsageContext',
      jurisdiction: '0..* CodeableConcept',
      purpose: '0..1 markdown',
      copyright: '0..1 markdown',
      copyrightLabel: '0..1 string',
      resource: '1..1 code',
      profile: '0..* canonical',
      fhirVersion: '0..* code',
      constant: '0..* ViewDefinition.constant',
      select: '1..* ViewDefinition.select',
      where: '0..* ViewDefinition.where',
    },
    'ViewDefinition.constant': {
      $extends: 'BackboneElement',
      name: '1..1 string',
      'value[x]':
        '1..1 base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|oid|string|positiveInt|time|unsignedInt|uri|url|uuid',
    },
    'ViewDefinition.select': {
      $extends: 'BackboneElement',
      column: '0..* ViewDefinition.column',
      select: '0..* ViewDefinition.select',
      forEach: '0..1 string',
      forEachOrNull: '0..1 string',
      repeat: '0..* string',
      unionAll: '0..* ViewDefinition.select',
    },
    'ViewDefinition.column': {
      $extends: 'BackboneElement',
      path: '1..1 string',
      name: '1..1 string',
      description: '0..1 markdown',
      collection: '0..1 boolean',
      type: '0..1 uri',
      tag: '0..* ViewDefinition.tag',
    },
    'ViewDefinition.tag': { $extends: 'BackboneElement', name: '1..1 string', value: '1..1 string' },
    'ViewDefinition.where': { $extends: 'BackboneElement', path: '1..1 string', description: '0..1 string' },
  },
};
