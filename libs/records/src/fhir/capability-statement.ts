import { RESOURCE_TYPES, searchParametersOf } from '@chartledger/fhir';
import { SEARCH_REFERENCES } from './search-request.js';

/** The day on which what is stated here last changed. */
const DATE = '2026-11-22';

const TYPE_INTERACTIONS = ['create', 'read', 'vread', 'update', 'delete', 'history-instance', 'search-type'];

/** What the server does, for one source's base (http://hl7.org/fhir/R4/capabilitystatement.html). */
export function capabilityStatement(base: string): object {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: DATE,
    kind: 'instance',
    software: { name: 'chartledger' },
    implementation: { description: 'chartledger: each change is an entry of a hash-chained ledger', url: base },
    fhirVersion: '4.0.1',
    format: ['json', 'application/fhir+json'],
    rest: [
      {
        mode: 'server',
        security: {
          description: 'No access control in this version: the server binds to the loopback interface only.',
        },
        resource: RESOURCE_TYPES.map(resourceOf),
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
      },
    ],
  };
}

function resourceOf(type: string): object {
  const known = searchParametersOf(type);
  const codes = ['identifier', ...SEARCH_REFERENCES].filter((code) => known.has(code));
  return {
    type,
    interaction: TYPE_INTERACTIONS.map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: false,
    conditionalDelete: 'not-supported',
    searchParam: [
      { name: '_id', type: 'token' },
      ...codes.map((code) => ({ name: code, definition: known.get(code)!.definition.id, type: known.get(code)!.type })),
    ],
  };
}
