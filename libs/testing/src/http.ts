/** An HTTP answer, read to its end. */
export interface HttpAnswer {
  status: number;
  headers: Headers;
  bytes: Buffer;
  text: string;
  /** @throws SyntaxError where the body is not JSON. */
  json<T = Record<string, unknown>>(): T;
}

export interface HttpRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** Sends bytes and reads bytes: where a client library would parse and print again. */
export async function http(url: string, { method = 'GET', headers = {}, body }: HttpRequest = {}): Promise<HttpAnswer> {
  const response = await fetch(url, { method, headers, body, redirect: 'manual' });
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString('utf8');
  return { status: response.status, headers: response.headers, bytes, text, json: () => JSON.parse(text) };
}

const FHIR = { 'Content-Type': 'application/fhir+json' };

/** The interactions of one source's FHIR base, with bodies as text or as objects to print. */
export class FhirHttp {
  constructor(readonly base: string) {}

  get(path: string, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    return http(this.url(path), { headers });
  }

  post(path: string, body: string | Buffer | object, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    return http(this.url(path), { method: 'POST', headers: { ...FHIR, ...headers }, body: bodyOf(body) });
  }

  put(path: string, body: string | Buffer | object, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    return http(this.url(path), { method: 'PUT', headers: { ...FHIR, ...headers }, body: bodyOf(body) });
  }

  delete(path: string, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    return http(this.url(path), { method: 'DELETE', headers });
  }

  private url(path: string): string {
    if (path.startsWith('http')) return path;
    return path === '' ? this.base : `${this.base}/${path}`;
  }
}

function bodyOf(body: string | Buffer | object): string | Buffer {
  return typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
}

/** Registers a source and gives its FHIR base. */
export async function registerSource(url: string, source: { name: string; validation?: string }): Promise<FhirHttp> {
  const answer = await http(`${url}/sources`, { method: 'POST', body: JSON.stringify(source) });
  if (answer.status !== 201) throw new Error(`the source was not registered: ${answer.status} ${answer.text}`);
  return new FhirHttp(`${url}/fhir/${source.name}`);
}
