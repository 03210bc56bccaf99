/** How to reach a PostgreSQL as the owner of its schema: an address, or a URL as it was given. */
export type Connection =
  { host: string; port: number; user: string; password: string; database: string } | { url: string };
