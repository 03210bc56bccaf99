import { scanResource } from '@chartledger/fhir';
import { FhirError, type Issue } from '@chartledger/platform';

/** What `$match` is asked (http://hl7.org/fhir/R4/patient-operation-match.html; IHE PDQm ITI-119, 2:3.119.4.1). */
export interface MatchRequest {
  /** The Patient as the client describes it. */
  patient: Readonly<Record<string, unknown>>;
  /** Nothing is answered unless there is one person whom all certain matches are of. */
  onlyCertainMatches: boolean;
  /** At most one record is answered: the most certain one. */
  onlySingleMatch: boolean;
  count: number;
}

const DEFAULT_COUNT = 20;
const MAX_COUNT = 100;
const OPTIONS = ['resource', 'onlyCertainMatches', 'onlySingleMatch', 'count'];

/**
 * Reads a Parameters resource, or a Patient alone where nothing else is asked.
 * @throws FhirError (400) that names the element.
 */
export function readMatchRequest(body: Buffer): MatchRequest {
  const scanned = scanResource(body);
  if (scanned.findings.length > 0) throw new FhirError(400, scanned.findings.map(issueOf));
  const resource = JSON.parse(body.toString('utf8')) as Parameters;
  if (scanned.type === 'Patient') return { patient: { ...resource }, ...NOTHING_ASKED };
  if (scanned.type !== 'Parameters')
    throw refused('structure', `send Parameters, or a Patient: this is a ${scanned.type}`);
  const given = new Map<string, Parameter>();
  (resource.parameter ?? []).forEach((parameter, index) => {
    const at = `Parameters.parameter[${index}]`;
    if (!OPTIONS.includes(parameter.name))
      throw refused('not-supported', `$match takes ${OPTIONS.join(', ')}`, `${at}.name`);
    if (given.has(parameter.name)) throw refused('invalid', `${parameter.name} may be given once`, at);
    given.set(parameter.name, parameter);
  });
  const patient = given.get('resource')?.resource;
  if (!patient)
    throw refused(
      'required',
      'the parameter resource is missing: it holds the Patient to look for',
      'Parameters.parameter',
    );
  if (patient['resourceType'] !== 'Patient')
    throw refused(
      'value',
      'the parameter resource must hold a Patient',
      "Parameters.parameter.where(name='resource').resource",
    );
  return {
    patient,
    onlyCertainMatches: readBoolean(given, 'onlyCertainMatches'),
    onlySingleMatch: readBoolean(given, 'onlySingleMatch'),
    count: readCount(given.get('count')),
  };
}

const NOTHING_ASKED = { onlyCertainMatches: false, onlySingleMatch: false, count: DEFAULT_COUNT };

interface Parameter {
  name: string;
  resource?: Record<string, unknown>;
  valueBoolean?: boolean;
  valueInteger?: number;
}

interface Parameters {
  parameter?: Parameter[];
}

function readBoolean(given: ReadonlyMap<string, Parameter>, name: string): boolean {
  const parameter = given.get(name);
  if (!parameter) return false;
  if (typeof parameter.valueBoolean === 'boolean') return parameter.valueBoolean;
  throw refused('value', `${name} must be a valueBoolean`, `Parameters.parameter.where(name='${name}')`);
}

function readCount(parameter: Parameter | undefined): number {
  if (!parameter) return DEFAULT_COUNT;
  const { valueInteger } = parameter;
  if (typeof valueInteger === 'number' && Number.isInteger(valueInteger) && valueInteger > 0)
    return Math.min(valueInteger, MAX_COUNT);
  throw refused('value', 'count must be a valueInteger above 0', "Parameters.parameter.where(name='count')");
}

function issueOf({ severity, code, message, expression }: ReturnType<typeof scanResource>['findings'][number]): Issue {
  return { severity, code, diagnostics: message, ...(expression ? { expression: [expression] } : {}) };
}

function refused(code: string, diagnostics: string, expression?: string): FhirError {
  return FhirError.of(400, code, diagnostics, expression);
}
