import { FhirError, type Issue } from '@chartledger/platform';
import { parseCanonical } from './measure-package.js';
import { endOf, startOf, type Period } from './period.js';

/** `MeasureReport.type` (http://hl7.org/fhir/R4/valueset-measure-report-type.html). */
export type ReportType = 'individual' | 'subject-list' | 'summary';

/** Whom is asked about: a Patient of a source, or a person. */
export type SubjectName = { kind: 'patient'; source: string; id: string } | { kind: 'person'; id: string };

/** What `$evaluate-measure` was asked (http://hl7.org/fhir/R4/measure-operation-evaluate-measure.html). */
export interface EvaluateRequest {
  /** A Measure's id, or its canonical URL where the operation is called on the type. */
  measure: string;
  period: Period;
  reportType: ReportType;
  subject: SubjectName | undefined;
  /** The sources whose records count; empty: all. */
  sources: string[];
  asOf: string | undefined;
}

/** The operation's names for the types of reports, and those of MeasureReport.type. */
const REPORT_TYPES: Readonly<Record<string, ReportType>> = {
  subject: 'individual',
  individual: 'individual',
  'subject-list': 'subject-list',
  population: 'summary',
  summary: 'summary',
};
const KNOWN = ['measure', 'periodStart', 'periodEnd', 'reportType', 'subject', 'source', '_asOf'];
const UNSUPPORTED = ['practitioner', 'lastReceivedOn'];

/** A parameter with the place that an error names: of a URL, or of a Parameters resource. */
export interface GivenParameter {
  name: string;
  value: string;
  place: string;
}

/** The parameters of a URL's query. */
export function queryParameters(query: URLSearchParams): GivenParameter[] {
  return [...query].map(([name, value]) => ({ name, value, place: name }));
}

/** The parameters of a Parameters resource. @throws FhirError (400) with the place of what is none. */
export function bodyParameters(body: unknown): GivenParameter[] {
  const { resourceType, parameter = [] } = (body ?? {}) as { resourceType?: unknown; parameter?: unknown };
  if (resourceType !== 'Parameters' || !Array.isArray(parameter))
    throw FhirError.of(400, 'structure', 'the body must be a Parameters resource', 'Parameters');
  return parameter.map((one: Record<string, unknown>, index) => {
    const place = `Parameters.parameter[${index}]`;
    const [element, ...others] = Object.keys(one ?? {}).filter((key) => key.startsWith('value'));
    if (typeof one?.['name'] !== 'string')
      throw FhirError.of(400, 'required', 'a parameter needs a name', `${place}.name`);
    if (element === undefined || others.length > 0)
      throw FhirError.of(400, 'required', `the parameter ${one['name']} needs one value`, place);
    const value = element === 'valueReference' ? (one[element] as { reference?: unknown })?.reference : one[element];
    if (typeof value !== 'string')
      throw FhirError.of(
        400,
        'value',
        `the parameter ${one['name']} must be a text or a reference`,
        `${place}.${element}`,
      );
    return { name: one['name'], value, place: `${place}.${element}` };
  });
}

/**
 * Reads what was asked. @param measure the id of the URL's path, where the operation was called on one Measure.
 * @throws FhirError (400) with everything that is wrong, and where.
 */
export function readEvaluateRequest(measure: string | undefined, given: readonly GivenParameter[]): EvaluateRequest {
  const reader = new Reader(given, KNOWN);
  const asked = measure ?? reader.required('measure');
  if (measure !== undefined) {
    const other = reader.optional('measure');
    if (other !== undefined && parseCanonical(other.value).url !== measure)
      reader.refuse(other.place, 'the Measure is named by the URL: leave the parameter measure out');
  }
  const period = readPeriod(reader);
  const subject = reader.optional('subject');
  const name = subject && readSubject(subject, reader);
  const reportType = readReportType(reader, name !== undefined);
  const sources = reader.all('source').map(({ value }) => value);
  const asOf = reader.optional('_asOf')?.value;
  reader.end();
  return { measure: asked!, period: period!, reportType, subject: name, sources, asOf };
}

function readPeriod(reader: Reader): Period | undefined {
  const [from, to] = (['periodStart', 'periodEnd'] as const).map((name) => reader.requiredParameter(name));
  const start = from && startOf(from.value);
  const end = to && endOf(to.value);
  if (from && !start)
    reader.refuse(
      from.place,
      'periodStart must be a FHIR date or dateTime with a time zone, such as 2025-01-01',
      'value',
    );
  if (to && !end)
    reader.refuse(to.place, 'periodEnd must be a FHIR date or dateTime with a time zone, such as 2025-12-31', 'value');
  if (!start || !end) return undefined;
  if (start > end) reader.refuse(to!.place, 'the period ends before it starts', 'value');
  return { start, end };
}

function readReportType(reader: Reader, hasSubject: boolean): ReportType {
  const given = reader.optional('reportType');
  if (!given) return hasSubject ? 'individual' : 'summary';
  const type = REPORT_TYPES[given.value];
  if (type) return type;
  reader.refuse(
    given.place,
    'reportType must be subject (or individual), subject-list or population (or summary)',
    'code-invalid',
  );
  return 'summary';
}

const PATIENT = /^(?:.*\/fhir\/)?([a-z0-9-]{1,64})\/Patient\/([A-Za-z0-9.-]{1,64})$/;
const PERSON = /^(?:.*\/fhir\/chartledger\/)?Person\/([A-Za-z0-9.-]{1,64})$/;

function readSubject({ value, place }: GivenParameter, reader: Reader): SubjectName | undefined {
  const patient = PATIENT.exec(value);
  if (patient) return { kind: 'patient', source: patient[1], id: patient[2] };
  const person = PERSON.exec(value);
  if (person) return { kind: 'person', id: person[1] };
  reader.refuse(place, 'subject must be SOURCE/Patient/ID, since sources have ids of their own, or Person/ID', 'value');
  return undefined;
}

/** Reads parameters one by one and gathers what is wrong with them. */
export class Reader {
  private readonly issues: Issue[] = [];

  constructor(
    private readonly given: readonly GivenParameter[],
    known: readonly string[],
  ) {
    for (const { name, place } of given) {
      if (known.includes(name)) continue;
      this.refuse(
        place,
        UNSUPPORTED.includes(name)
          ? `the parameter ${name} is not supported: leave it out`
          : `there is no parameter ${name}: known are ${known.join(', ')}`,
        'not-supported',
      );
    }
  }

  refuse(place: string, diagnostics: string, code = 'invalid'): void {
    this.issues.push({ severity: 'error', code, diagnostics, expression: [place] });
  }

  all(name: string): GivenParameter[] {
    return this.given.filter((one) => one.name === name);
  }

  optional(name: string): GivenParameter | undefined {
    const [first, second] = this.all(name);
    if (second) this.refuse(second.place, `the parameter ${name} is given twice`);
    return first;
  }

  requiredParameter(name: string): GivenParameter | undefined {
    const found = this.optional(name);
    if (!found) this.refuse(name, `the parameter ${name} is required`, 'required');
    return found;
  }

  required(name: string): string | undefined {
    return this.requiredParameter(name)?.value;
  }

  /** @throws FhirError (400) where anything was refused. */
  end(): void {
    if (this.issues.length > 0) throw new FhirError(400, this.issues);
  }
}
