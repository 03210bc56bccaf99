import { UnavailableError } from '@chartledger/platform';
import { type TokenRequest } from './kafka-options.js';

/** A token is asked for anew this long before it ends: a broker refuses one that ends while it is presented. */
const SPARE_MS = 30_000;
/** For servers that do not say (RFC 6749 section 5.1 recommends that they do). */
const DEFAULT_LIFETIME_SECONDS = 60;
const TIMEOUT_MS = 10_000;

interface TokenAnswer {
  access_token?: string;
  expires_in?: number;
}

/** Gives an access token of the client credentials grant, the same one until it is about to end. */
export function accessTokens(request: TokenRequest, now: () => number = Date.now): () => Promise<string> {
  let token = '';
  let endsAt = 0;
  return async () => {
    if (now() < endsAt - SPARE_MS) return token;
    const answer = await askForToken(request);
    token = answer.access_token!;
    endsAt = now() + (answer.expires_in ?? DEFAULT_LIFETIME_SECONDS) * 1000;
    return token;
  };
}

async function askForToken({ tokenUrl, clientId, clientSecret, scope }: TokenRequest): Promise<TokenAnswer> {
  const credentials = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`);
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials.toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope ? { scope } : {}) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = response.ok ? ((await response.json()) as TokenAnswer) : {};
  if (!answer.access_token) {
    throw new UnavailableError(
      `the token endpoint ${tokenUrl} gave no access token for Kafka (HTTP ${response.status}): check the client's id, its secret and the scope`,
    );
  }
  return answer;
}
