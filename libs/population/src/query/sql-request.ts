import { FhirError } from '@chartledger/platform';
import { projectName } from '../deidentify/projects.js';
import { booleanOf, integerOf, readParameters, resourceOf, textOf, type Parameter } from './parameters.js';

/** The formats that rows are given in (SQL on FHIR 3.0, Common Operation Behavior). */
export const FORMATS = ['json', 'ndjson', 'csv', 'parquet', 'fhir'] as const;
export type Format = (typeof FORMATS)[number];

/** What is to be run: named in exactly one way. */
export interface Subject {
  /** Of its output in an export. */
  name?: string;
  canonical?: string;
  /** `ViewDefinition/ID` or `Library/ID`. */
  reference?: string;
  resource?: Record<string, unknown>;
  /** Values for the parameters that its Library declares. */
  parameters?: Parameter[];
}

/** Which data all subjects of a request see. */
export interface DataScope {
  /** As they were sent: of patients, and of Groups whose members count. */
  patients: string[];
  groups: string[];
  since?: string;
  asOf?: string;
}

export interface SqlRequest extends DataScope {
  subjects: Subject[];
  /** ViewDefinitions and SQLViews that the subjects depend on and the server may not have. */
  context: Record<string, unknown>[];
  /** Resources to make the rows of, in place of the server's. */
  resources: Record<string, unknown>[];
  /** Undefined: by the Accept header. */
  format?: Format;
  /** Who asks: its answers are de-identified. */
  project?: string;
  header: boolean;
  limit?: number;
  clientTrackingId?: string;
}

type Reader = (request: SqlRequest, parameter: Parameter) => void;

const SCOPE: Readonly<Record<string, Reader>> = {
  _format: (request, parameter) => (request.format = formatOf(textOf(parameter))),
  header: (request, parameter) => (request.header = booleanOf(parameter)),
  patient: (request, parameter) => request.patients.push(textOf(parameter)),
  group: (request, parameter) => request.groups.push(textOf(parameter)),
  _since: (request, parameter) => (request.since = textOf(parameter)),
  _asOf: (request, parameter) => (request.asOf = textOf(parameter)),
  project: (request, parameter) => (request.project = projectName(textOf(parameter), 'project')),
  context: (request, parameter) => request.context.push(resourceOf(parameter)),
};

type SubjectReader = (subject: Subject, parameter: Parameter) => void;

const NAMING: Readonly<Record<string, SubjectReader>> = {
  subjectCanonical: (subject, parameter) => (subject.canonical = textOf(parameter)),
  subjectReference: (subject, parameter) => (subject.reference = textOf(parameter)),
  subjectResource: (subject, parameter) => (subject.resource = resourceOf(parameter)),
  parameters: (subject, parameter) => (subject.parameters = readParameters(resourceOf(parameter), 'parameters')),
};

/** What may come more than once. */
const REPEATED = new Set(['patient', 'group', 'context', 'resource', 'subject']);

/**
 * Reads what `$sql-run` is asked (https://build.fhir.org/ig/HL7/sql-on-fhir/OperationDefinition-SQLRun.html).
 * @throws FhirError that names the parameter: nothing that was asked for is ignored.
 */
export function readRun(parameters: readonly Parameter[]): SqlRequest {
  const subject: Subject = {};
  const request = read(parameters, {
    ...SCOPE,
    ...Object.fromEntries(
      Object.entries(NAMING).map(([name, take]): [string, Reader] => [
        name,
        (_, parameter) => take(subject, parameter),
      ]),
    ),
    resource: (into, parameter) => into.resources.push(...unwrapped(resourceOf(parameter))),
    _limit: (into, parameter) => (into.limit = integerOf(parameter)),
  });
  checkNaming(subject);
  request.subjects.push(subject);
  checkProject(request);
  return request;
}

/** Reads what `$sql-export` is asked (…/OperationDefinition-SQLExport.html). @throws FhirError. */
export function readExport(parameters: readonly Parameter[]): SqlRequest {
  const request = read(parameters, {
    ...SCOPE,
    clientTrackingId: (into, parameter) => (into.clientTrackingId = textOf(parameter)),
    subject: (into, parameter) => into.subjects.push(readSubject(parameter)),
  });
  if (request.subjects.length === 0) {
    throw FhirError.of(400, 'required', 'name at least one subject: what is to be exported', 'subject');
  }
  if (request.format === 'fhir') {
    throw FhirError.of(
      400,
      'invalid',
      'an export is made of flat files: ask for ndjson, csv, parquet or json',
      '_format',
    );
  }
  checkProject(request);
  return request;
}

function readSubject({ part }: Parameter): Subject {
  const subject: Subject = {};
  for (const one of Array.isArray(part) ? (part as Parameter[]) : []) {
    const name = String(one.name);
    if (name === 'name') subject.name = textOf(one);
    else if (NAMING[name]) NAMING[name](subject, one);
    else throw unknown(`subject.${name}`);
  }
  checkNaming(subject);
  return subject;
}

/** What a project cannot ask for, because it says of whom or of when its rows are. */
function checkProject({ project, patients, groups, since, resources }: SqlRequest): void {
  if (project === undefined) return;
  const refused: readonly [name: string, isGiven: boolean, why: string][] = [
    ['patient', patients.length > 0, 'names an identified subject'],
    ['group', groups.length > 0, 'names identified subjects'],
    ['_since', since !== undefined, 'chooses rows by the day on which they came'],
    ['resource', resources.length > 0, 'would show what the keys of known identifiers are'],
  ];
  for (const [name, isGiven, why] of refused) {
    if (isGiven)
      throw FhirError.of(
        400,
        'not-supported',
        `${name} ${why}, and a project's answers are de-identified: take it out`,
        name,
      );
  }
}

function checkNaming({ canonical, reference, resource }: Subject): void {
  const ways = [canonical, reference, resource].filter((way) => way !== undefined).length;
  if (ways === 1) return;
  throw FhirError.of(
    400,
    'invalid',
    'name the subject in exactly one way: subjectCanonical, subjectReference or subjectResource',
    'subject',
  );
}

function read(parameters: readonly Parameter[], readers: Readonly<Record<string, Reader>>): SqlRequest {
  const request: SqlRequest = { subjects: [], patients: [], groups: [], context: [], resources: [], header: true };
  const seen = new Set<string>();
  for (const parameter of parameters) {
    const name = String(parameter?.name);
    if (!Object.hasOwn(readers, name)) throw unknown(name);
    if (seen.has(name) && !REPEATED.has(name)) {
      throw FhirError.of(400, 'invalid', `${name} may be given once only`, name);
    }
    seen.add(name);
    readers[name](request, parameter);
  }
  return request;
}

function unknown(name: string): FhirError {
  return FhirError.of(400, 'not-supported', `the parameter ${name} is not supported here: take it out`, name);
}

export function formatOf(text: string): Format {
  const format = FORMATS.find((one) => one === text);
  if (format) return format;
  throw FhirError.of(400, 'not-supported', `the format is not supported: ask for ${FORMATS.join(', ')}`, '_format');
}

/** A Bundle counts as the resources in it, one level deep. */
function unwrapped(resource: Record<string, unknown>): Record<string, unknown>[] {
  if (resource.resourceType !== 'Bundle') return [resource];
  const entries = Array.isArray(resource.entry) ? (resource.entry as { resource?: unknown }[]) : [];
  return entries.flatMap((entry) => (entry?.resource ? [entry.resource as Record<string, unknown>] : []));
}
