import { type Request } from 'express';
import { FhirError } from '../errors.js';

/** The URL of a source's FHIR base as the client reached it, without a slash at the end. */
export function baseUrl(request: Request, source: string): string {
  return `${request.protocol}://${request.headers.host ?? 'localhost'}/fhir/${source}`;
}

/** Both forms that clients use for JSON (http://hl7.org/fhir/R4/http.html#mime-type), and the older one of DSTU2. */
const JSON_TYPES = ['application/fhir+json', 'application/json', 'application/json+fhir'];

/** @throws FhirError (406) when the client takes no JSON. */
export function checkAccept(request: Request): void {
  const format = request.query['_format'];
  if (typeof format === 'string') {
    if (['json', ...JSON_TYPES].includes(format.split(';')[0].replace(' ', '+'))) return;
    throw FhirError.of(406, 'not-supported', 'this server answers in JSON only: set _format to json');
  }
  if (request.accepts([...JSON_TYPES])) return;
  throw FhirError.of(406, 'not-supported', 'this server answers in JSON only: set Accept to application/fhir+json');
}

/** @throws FhirError (415) when the body is said to be anything but JSON. */
export function checkContentType(request: Request): void {
  const type = (request.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
  if (JSON_TYPES.includes(type)) return;
  throw FhirError.of(415, 'not-supported', 'this server takes JSON only: set Content-Type to application/fhir+json');
}
