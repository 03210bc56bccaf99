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

  async send(method: string, path: string, headers: Record<string, string> = {}, body?: Buffer): Promise<HttpAnswer> {
    const chunks: Buffer[] = [];
    const answer = await this.exchange(method, path, headers, body, (chunk) => chunks.push(chunk));
    return { ...answer, body: Buffer.concat(chunks) };
  }

  get(path: string): Promise<HttpAnswer> {
    return this.send('GET', path);
  }

  /** A body that is counted and not kept. */
  async count(path: string): Promise<{ status: number; bytes: number }> {
    let bytes = 0;
    const { status } = await this.exchange('GET', path, {}, undefined, (chunk) => (bytes += chunk.length));
    return { status, bytes };
  }

  close(): void {
    this.agent.destroy();
  }

  private exchange(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: Buffer | undefined,
    onChunk: (chunk: Buffer) => void,
  ): Promise<Omit<HttpAnswer, 'body'>> {
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
          incoming.on('data', onChunk);
          incoming.on('error', reject);
          incoming.on('end', () => resolve({ status: incoming.statusCode!, headers: incoming.headers }));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
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
