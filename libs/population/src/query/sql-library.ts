import { FhirError } from '@chartledger/platform';
import { valueOf, type Parameter } from './parameters.js';
import { type SqlParameters, type TypedParameter } from '../locked-sql/parameters.js';

/** A SQLQuery or SQLView Library of SQL on FHIR, as far as running it needs. */
export interface SqlLibrary {
  kind: 'sql-query' | 'sql-view';
  name?: string;
  url?: string;
  sql: string;
  /** The tables that the SQL names, and the artefact behind each. */
  tables: { label: string; canonical: string }[];
  /** The declared parameters with their FHIR types. */
  parameters: { name: string; type: string }[];
}

/** A label becomes a table's name. */
const LABEL = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;

/** @throws FhirError (422) that names the element, for a Library that is none of the two or cannot be run. */
export function readSqlLibrary(resource: Record<string, unknown>): SqlLibrary {
  const kind = kindOf(resource);
  if (!kind) {
    throw wrong('Library.type', 'must have the code sql-query or sql-view of SQL on FHIR: this Library cannot be run');
  }
  return {
    kind,
    ...(typeof resource.name === 'string' ? { name: resource.name } : {}),
    ...(typeof resource.url === 'string' ? { url: resource.url } : {}),
    sql: sqlOf(resource),
    tables: tablesOf(resource),
    parameters: kind === 'sql-view' ? [] : parametersOf(resource),
  };
}

function kindOf({ type }: Record<string, unknown>): SqlLibrary['kind'] | undefined {
  const coding = (type as { coding?: { code?: unknown }[] } | undefined)?.coding;
  const codes = Array.isArray(coding) ? coding.map(({ code }) => code) : [];
  return (['sql-query', 'sql-view'] as const).find((kind) => codes.includes(kind));
}

interface Attachment {
  contentType?: unknown;
  data?: unknown;
}

/** The attachment in DuckDB's dialect where there is one, else the one without a dialect. */
function sqlOf({ content }: Record<string, unknown>): string {
  const attachments = Array.isArray(content) ? (content as Attachment[]) : [];
  const typed = attachments.map((attachment) => {
    const [mime, ...rest] = String(attachment.contentType ?? '')
      .toLowerCase()
      .split(';');
    const dialect = rest.map((one) => one.trim()).find((one) => one.startsWith('dialect='));
    return { attachment, mime: mime.trim(), dialect: dialect?.slice('dialect='.length).replaceAll('"', '') };
  });
  const sql = typed.filter(({ mime }) => mime === 'application/sql');
  const chosen =
    sql.find(({ dialect }) => dialect === 'duckdb') ?? sql.find(({ dialect }) => dialect === undefined) ?? sql[0];
  if (typeof chosen?.attachment.data !== 'string') {
    throw wrong(
      'Library.content',
      'must have an attachment of the type application/sql with its SQL in "data" (base64)',
    );
  }
  return Buffer.from(chosen.attachment.data, 'base64').toString('utf8');
}

function tablesOf({ relatedArtifact }: Record<string, unknown>): SqlLibrary['tables'] {
  const artifacts = Array.isArray(relatedArtifact) ? (relatedArtifact as Record<string, unknown>[]) : [];
  return artifacts.flatMap(({ type, label, resource }, index) => {
    if (type !== 'depends-on') return [];
    const place = `Library.relatedArtifact[${index}]`;
    if (typeof label !== 'string' || !LABEL.test(label)) {
      throw wrong(`${place}.label`, 'must name the table: letters, digits and underscores, beginning with a letter');
    }
    if (typeof resource !== 'string') throw wrong(`${place}.resource`, 'must be the canonical URL of a view');
    return [{ label, canonical: resource }];
  });
}

function parametersOf({ parameter }: Record<string, unknown>): SqlLibrary['parameters'] {
  const declared = Array.isArray(parameter) ? (parameter as Record<string, unknown>[]) : [];
  return declared.flatMap(({ name, type, use }) =>
    typeof name === 'string' && use !== 'out' ? [{ name, type: String(type ?? 'string') }] : [],
  );
}

/** The SQL type that a value of a FHIR type is bound as; other types are texts. */
const SQL_TYPES: Readonly<Record<string, TypedParameter['type']>> = {
  boolean: 'BOOLEAN',
  integer: 'INTEGER',
  positiveInt: 'INTEGER',
  unsignedInt: 'INTEGER',
  integer64: 'BIGINT',
  decimal: 'DECIMAL',
  date: 'DATE',
};

/**
 * Binds the values that were sent to the parameters that a Library declares, each of the declared type; one that was not
 * sent is null. @throws FhirError that names the parameter, for one that is not declared or of another type.
 */
export function bindParameters({ parameters: declared }: SqlLibrary, given: readonly Parameter[]): SqlParameters {
  const byName = new Map(declared.map((one) => [one.name, one]));
  const bound: Record<string, TypedParameter> = Object.fromEntries(
    declared.map(({ name, type }) => [name, { type: SQL_TYPES[type] ?? 'VARCHAR', value: null }]),
  );
  for (const parameter of given) {
    const name = String(parameter.name);
    const known = byName.get(name);
    if (!known) throw refused(`the Library declares no parameter ${name.slice(0, 60)}`);
    const value = valueOf(parameter);
    const wanted = known.type[0].toUpperCase() + known.type.slice(1);
    if (!value || value.suffix !== wanted) throw refused(`the parameter ${name} must be sent as value${wanted}`);
    bound[name] = { type: bound[name].type, value: String(value.value) };
  }
  return bound;
}

function refused(diagnostics: string): FhirError {
  return FhirError.of(400, 'invalid', diagnostics, 'parameters');
}

function wrong(place: string, problem: string): FhirError {
  return FhirError.of(422, 'invalid', `${place} ${problem}`, place);
}
