/** How to reach a PostgreSQL as the owner of its schema: an address, or a URL as it was given. */
export type Connection =
  { host: string; port: number; user: string; password: string; database: string } | { url: string };

/** As `DATABASE_URL` says it. */
export function connectionUrl(connection: Connection): string {
  if ('url' in connection) return connection.url;
  const { host, port, user, password, database } = connection;
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}
