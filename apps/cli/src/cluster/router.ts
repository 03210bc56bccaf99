import { Agent, createServer, request, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { isQuestion } from '@chartledger/platform';

/** As an ingress in front of the gateways and the query servers. */
export interface Router {
  url: string;
  stop(): Promise<void>;
}

interface Asked {
  url: string;
  method: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Reads go to the query servers, everything else to the gateways, in turns; one that cannot be reached is passed over. */
export async function startRouter(gateways: readonly string[], queries: readonly string[]): Promise<Router> {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const targets = isQuestion(incoming.method!, incoming.url!) ? queries : gateways;
    turn += 1;
    const inTurn = targets.map((_, index) => targets[(turn + index) % targets.length]);
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { url, method, headers } = incoming as unknown as Omit<Asked, 'body'>;
      forward(agent, inTurn, { url, method, headers, body: Buffer.concat(chunks) }, outgoing);
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

function forward(agent: Agent, targets: readonly string[], asked: Asked, outgoing: ServerResponse): void {
  const [target, ...others] = targets;
  const { url, method, headers, body } = asked;
  const onward = request(`${target}${url}`, { agent, method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(outgoing);
    answer.on('error', () => outgoing.destroy());
  });
  onward.on('error', (error: NodeJS.ErrnoException) => {
    // Nothing of the request was taken, so another may have it.
    if (error.code === 'ECONNREFUSED' && others.length > 0) forward(agent, others, asked, outgoing);
    else if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(502).end();
  });
  onward.end(body);
}
