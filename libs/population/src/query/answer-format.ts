import { FORMATS, formatOf, type Format, type SqlRequest } from './sql-request.js';
import { MEDIA_TYPES } from './row-formats.js';

/** Where neither `_format` nor Accept names one. */
const DEFAULT_FORMAT: Format = 'ndjson';

/** The format that is asked for: by `_format`, else by Accept, else NDJSON. */
export function chosenFormat({ format }: Pick<SqlRequest, 'format'>, accept: string | undefined): Format {
  if (format) return format;
  for (const range of (accept ?? '').split(',')) {
    const type = range.split(';')[0].trim().toLowerCase();
    const found = FORMATS.find((one) => MEDIA_TYPES[one].split(';')[0] === type);
    if (found) return formatOf(found);
  }
  return DEFAULT_FORMAT;
}

/** Whether a flat answer is to be wrapped in a Binary: a format is named, and nothing but FHIR is accepted. */
export function wantsBinary({ format }: Pick<SqlRequest, 'format'>, accept: string | undefined): boolean {
  if (format === undefined || format === 'fhir') return false;
  const types = (accept ?? '*/*').split(',').map((range) => range.split(';')[0].trim().toLowerCase());
  return types.every((type) => type === 'application/fhir+json');
}
