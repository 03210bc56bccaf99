import { RESOURCE_TYPES, searchParametersOf } from '@chartledger/fhir';
import { type OwnResource } from './own-resource.js';
import { SEARCH_REFERENCES } from './search-request.js';

/** The day on which what is stated here last changed. */
const DATE = '2026-11-22';

const READS = ['read', 'vread', 'history-instance', 'search-type'];
const WRITES = ['create', 'update', 'delete'];

/**
 * What the server does, for one source's base (http://hl7.org/fhir/R4/capabilitystatement.html).
 * @param own what parts of the system add. @param isOwn whether the base is the system's own source's.
 */
export function capabilityStatement(base: string, own: readonly OwnResource[], isOwn: boolean): object {
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
        resource: isOwn
          ? own.flatMap((resource) => (resource.type === undefined ? [] : ownResource(resource, resource.type)))
          : RESOURCE_TYPES.map((type) => sourceResource(type, own)),
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
        ...(isOwn ? operationsOf(own.find(({ type }) => type === undefined)) : {}),
      },
    ],
  };
}

function sourceResource(type: string, own: readonly OwnResource[]): object {
  const operation = own.flatMap((resource) => (resource.type === type ? (resource.sourceOperations ?? []) : []));
  return { ...resourceOf(type, [...READS, ...WRITES]), ...(operation.length > 0 ? { operation } : {}) };
}

function resourceOf(type: string, interactions: readonly string[]): object {
  const isWritable = interactions.includes('create');
  return {
    type,
    interaction: interactions.map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: true,
    ...(isWritable ? { updateCreate: true, conditionalCreate: true } : {}),
    conditionalRead: 'full-support',
    ...(isWritable ? { conditionalUpdate: false, conditionalDelete: 'not-supported' } : {}),
    searchParam: searchParametersIn(type),
  };
}

function searchParametersIn(type: string): object[] {
  const known = searchParametersOf(type);
  const codes = ['identifier', ...SEARCH_REFERENCES].filter((code) => known.has(code));
  const found = codes.map((code) => known.get(code)!.definition);
  return [
    { name: '_id', type: 'token' },
    ...found.map((definition) => ({
      name: definition.code,
      definition: canonical(definition.id),
      type: definition.type,
    })),
  ];
}

function ownResource({ isWritable, isBare, parameters = [], operations }: OwnResource, type: string): object {
  const { searchParam, ...rest } = resourceOf(type, isWritable ? [...READS, ...WRITES] : READS) as {
    searchParam: { name: string }[];
  };
  const own = parameters.map(({ code, type, documentation }) => ({ name: code, type, documentation }));
  const others = searchParam.filter(({ name }) => !own.some((parameter) => parameter.name === name));
  return {
    ...(isBare ? { type } : { ...rest, searchParam: [...others, ...own] }),
    ...operationsOf({ operations }),
  };
}

function operationsOf(resource: Pick<OwnResource, 'operations'> | undefined): object {
  const { operations = [] } = resource ?? {};
  return operations.length > 0 ? { operation: operations } : {};
}

function canonical(id: string): string {
  return `http://hl7.org/fhir/SearchParameter/${id}`;
}
