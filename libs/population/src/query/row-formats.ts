import { FhirError } from '@chartledger/platform';
import { type Format } from './sql-request.js';

/** A column of an answer; the type as DuckDB writes it. */
export interface AnswerColumn {
  name: string;
  type: string;
}

/** Values as JSON has them, and as text where JSON would lose something (see `SqlResult.rows`). */
export type JsonRow = readonly unknown[];

export const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  fhir: 'application/fhir+json; charset=utf-8',
};

/** Writes rows as text: a beginning, each row, an end. */
export interface RowFormat {
  begin: string;
  row(row: JsonRow, isFirst: boolean): string;
  end(isEmpty: boolean): string;
}

/** @throws FhirError (422) for a column that the format cannot have. */
export function rowFormat(
  format: Exclude<Format, 'parquet'>,
  columns: readonly AnswerColumn[],
  header: boolean,
  isDeidentified = false,
): RowFormat {
  switch (format) {
    case 'json':
      return bracketed('[', ',\n', objectWriter(columns), ']');
    case 'ndjson':
      return { begin: '', row: lines(objectWriter(columns)), end: () => '' };
    case 'csv':
      return {
        begin: header ? `${columns.map(({ name }) => csvCell(name)).join(',')}\r\n` : '',
        row: csvRow,
        end: () => '',
      };
    case 'fhir':
      return fhirFormat(columns, isDeidentified);
  }
}

/** Numbers that JSON.parse would change have all their digits here: JSON itself has no limit to them. */
const EXACT = /^(BIGINT|UBIGINT|HUGEINT|UHUGEINT|DECIMAL)/;

function objectWriter(columns: readonly AnswerColumn[]): (row: JsonRow) => string {
  const keys = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  const isExact = columns.map(({ type }) => EXACT.test(type) && !type.endsWith(']'));
  return (row) => {
    let text = '{';
    for (let index = 0; index < keys.length; index += 1) {
      const value = row[index];
      if (index > 0) text += ',';
      text += keys[index] + (isExact[index] && typeof value === 'string' ? value : JSON.stringify(value ?? null));
    }
    return `${text}}`;
  };
}

function lines(write: (row: JsonRow) => string): RowFormat['row'] {
  return (row) => `${write(row)}\n`;
}

function bracketed(begin: string, separator: string, write: (row: JsonRow) => string, end: string): RowFormat {
  return { begin, row: (row, isFirst) => (isFirst ? '' : separator) + write(row), end: () => `${end}\n` };
}

/** RFC 4180; null is empty, a list its JSON. */
function csvRow(row: JsonRow): string {
  return `${row.map((value) => csvCell(csvText(value))).join(',')}\r\n`;
}

function csvText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** SQL to FHIR type mapping (SQL on FHIR 3.0, $sql-run). */
const VALUES: readonly [type: RegExp, suffix: string, isNumber: boolean][] = [
  [/^BOOLEAN$/, 'Boolean', false],
  [/^U?(TINYINT|SMALLINT)$|^INTEGER$/, 'Integer', true],
  [/^(BIGINT|UINTEGER)$/, 'Integer64', false],
  [/^(DECIMAL.*|FLOAT|DOUBLE|HUGEINT|UBIGINT|UHUGEINT)$/, 'Decimal', true],
  [/^VARCHAR$|^UUID$|^ENUM/, 'String', false],
  [/^BLOB$/, 'Base64Binary', false],
  [/^DATE$/, 'Date', false],
  [/^TIME/, 'Time', false],
  [/^TIMESTAMP/, 'DateTime', false],
  [/^TIMESTAMP WITH TIME ZONE$/, 'Instant', false],
];

/** How FHIR says that a resource was de-identified, with keys in the place of identifiers (R4, Security Labels). */
export const PSEUDONYMIZED = {
  security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'PSEUDED' }],
};

function fhirFormat(columns: readonly AnswerColumn[], isDeidentified: boolean): RowFormat {
  const writers = columns.map((column) => partWriter(column));
  const write = (row: JsonRow): string => {
    const parts = writers.flatMap((part, index) => (row[index] === null ? [] : [part(row[index])]));
    return `{"name":"row"${parts.length > 0 ? `,"part":[${parts.join(',')}]` : ''}}`;
  };
  return {
    begin: `{"resourceType":"Parameters"${isDeidentified ? `,"meta":${JSON.stringify(PSEUDONYMIZED)}` : ''}`,
    row: (row, isFirst) => (isFirst ? ',"parameter":[' : ',\n') + write(row),
    end: (isEmpty) => `${isEmpty ? '' : ']'}}\n`,
  };
}

function partWriter({ name, type }: AnswerColumn): (value: unknown) => string {
  // The last that fits: types that begin alike stand one after the other.
  const known = VALUES.findLast(([pattern]) => pattern.test(type));
  if (!known) {
    throw FhirError.of(
      422,
      'invalid',
      `the column ${name} is of the type ${type}, which FHIR has no value for: cast it in the SQL, or ask for another format`,
    );
  }
  const [, suffix, isNumber] = known;
  return (value) =>
    `{"name":${JSON.stringify(name)},"value${suffix}":${isNumber ? String(value) : JSON.stringify(fhirText(value, suffix))}}`;
}

function fhirText(value: unknown, suffix: string): unknown {
  if (suffix === 'Integer64') return String(value);
  if (suffix === 'DateTime') return String(value).replace(' ', 'T');
  if (suffix === 'Instant')
    return new Date(
      String(value)
        .replace(' ', 'T')
        .replace(/([+-]\d\d)$/, '$1:00'),
    ).toISOString();
  return value;
}
