/** An identifier as SQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string as SQL writes it: for what cannot be a parameter, such as a file's name in COPY. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
