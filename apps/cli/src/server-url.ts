import { readConfig } from '@chartledger/platform';

/** The server that HOST and PORT name. */
export function defaultUrl(): string {
  const { host, port } = readConfig();
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
