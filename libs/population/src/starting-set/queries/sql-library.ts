import { BASE, VERSION } from '../canonical.js';

/** A parameter of a query, with the FHIR type that its value is sent as. */
export interface QueryParameter {
  readonly name: string;
  readonly type: 'canonical' | 'date' | 'integer' | 'boolean';
  readonly documentation: string;
}

/** What a SQLQuery or SQLView Library says, beside what all of the starting set have in common. */
export interface SqlText {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Ids of ViewDefinitions (`view:ID`) and of SQLViews (`sql:ID`); the label of each is its id with underscores. */
  readonly tables: readonly string[];
  readonly parameters?: readonly QueryParameter[];
  readonly sql: string;
}

/** A Library as it is kept: PUT it to /fhir/chartledger/Library/ID. */
export interface StartingLibrary {
  readonly resourceType: 'Library';
  readonly id: string;
  readonly url: string;
  readonly title: string;
  readonly description: string;
  readonly parameter?: readonly { name: string; use: 'in'; type: string; documentation: string }[];
  readonly [element: string]: unknown;
}

/** A query that is run by `$sql-run`. */
export function sqlQuery(text: SqlText): StartingLibrary {
  return library('sql-query', text);
}

/** Rows that queries read by its label, as they read a view. It has no parameters. */
export function sqlView(text: Omit<SqlText, 'parameters'>): StartingLibrary {
  return library('sql-view', text);
}

function library(
  kind: 'sql-query' | 'sql-view',
  { id, title, description, tables, parameters, sql }: SqlText,
): StartingLibrary {
  return {
    resourceType: 'Library',
    id,
    url: `${BASE}/Library/${id}`,
    version: VERSION,
    name: id.replaceAll('-', '_'),
    title,
    status: 'active',
    type: { coding: [{ system: 'http://hl7.org/fhir/uv/sql-on-fhir/CodeSystem/LibraryTypesCodes', code: kind }] },
    description,
    ...(tables.length > 0 ? { relatedArtifact: tables.map(dependency) } : {}),
    ...(parameters ? { parameter: parameters.map((one) => ({ ...one, use: 'in' })) } : {}),
    content: [{ contentType: 'application/sql;dialect=duckdb', data: Buffer.from(sql, 'utf8').toString('base64') }],
  };
}

function dependency(table: string): object {
  const [kind, id] = table.split(':');
  const resource = `${BASE}/${kind === 'view' ? 'ViewDefinition' : 'Library'}/${id}`;
  return { type: 'depends-on', label: id.replaceAll('-', '_'), resource };
}
