/** What a placeholder cannot stand in: strings, quoted names, comments, and texts between dollars. */
const OPAQUE =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]*)\$[\s\S]*?\$\1\$|::|:([A-Za-z_][A-Za-z0-9_]*)/g;

/**
 * Writes the placeholders of SQL on FHIR (`:name`) as DuckDB takes them (`$name`), each as long as before, so that what is
 * said of a place in the SQL holds. Only declared names are placeholders.
 */
export function dollarPlaceholders(sql: string, declared: readonly string[]): string {
  return sql.replace(OPAQUE, (text: string, _tag: string | undefined, name: string | undefined) =>
    name !== undefined && declared.includes(name) ? `$${name}` : text,
  );
}
