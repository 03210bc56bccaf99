import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { accessTokens } from './access-token.js';
import { type TokenRequest } from './kafka-options.js';

describe('an access token', () => {
  let server: Server;
  let request: TokenRequest;
  let asked: { authorization: string | undefined; body: string }[];
  let answer: { status: number; body: object };
  let now: number;

  beforeAll(async () => {
    server = createServer((incoming, outgoing) => {
      void text(incoming).then((body) => {
        asked.push({ authorization: incoming.headers.authorization, body });
        outgoing.writeHead(answer.status).end(JSON.stringify(answer.body));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    request = { tokenUrl, clientId: 'a client', clientSecret: 's:1', scope: 'kafka' };
  });
  afterAll(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  beforeEach(() => {
    asked = [];
    now = 0;
    answer = { status: 200, body: { access_token: 'one', expires_in: 300 } };
  });

  it('is asked for with the client credentials', async () => {
    expect(await accessTokens(request, () => now)()).toBe('one');
    const authorization = `Basic ${Buffer.from('a%20client:s%3A1').toString('base64')}`;
    expect(asked).toEqual([{ authorization, body: 'grant_type=client_credentials&scope=kafka' }]);
  });

  it('is used until it is about to end', async () => {
    const token = accessTokens(request, () => now);
    await token();
    now = 269_000;
    expect(await token()).toBe('one');
    answer.body = { access_token: 'two', expires_in: 300 };
    now = 271_000;
    expect(await token()).toBe('two');
    expect(asked).toHaveLength(2);
  });

  it('that is refused is an error without the secret', async () => {
    answer = { status: 401, body: { error: 'invalid_client' } };
    await expect(accessTokens(request, () => now)()).rejects.toMatchObject({
      code: 'transient',
      message: expect.stringMatching(/HTTP 401(?!.*s:1)/),
    });
  });
});
