import { Agent, request } from 'node:http';

export interface HttpAnswer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: Buffer;
}

/** A client of one server that keeps its connections, one for each request under way. */
export class HttpClient {
  private readonly agent: Agent;

  constructor(
    readonly base: string,
    connections: number,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  send(method: string, path: string, headers: Record<string, string> = {}, body?: Buffer): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const url = new URL(this.base);
      const options = {
        agent: this.agent,
        method,
        host: url.hostname,
        port: url.port,
        path: `${url.pathname.replace(/\/$/, '')}${path}`,
      };
      const outgoing = request(
        { ...options, headers: body ? { ...headers, 'Content-Length': String(body.length) } : headers },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () =>
            resolve({ status: incoming.statusCode!, headers: incoming.headers, body: Buffer.concat(chunks) }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  get(path: string): Promise<HttpAnswer> {
    return this.send('GET', path);
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Runs `work` on every item, at most `limit` at a time, in their order. */
export async function eachOf<T>(items: Iterable<T>, limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: limit }, lane));
}
