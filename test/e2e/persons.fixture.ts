import { expect } from '@jest/globals';
import { FhirHttp, http, registerSource, type HttpAnswer, type TestServer } from '@chartledger/testing';

export interface Bundle {
  type: string;
  total: number;
  link?: { relation: string; url: string }[];
  entry?: {
    fullUrl?: string;
    resource: { resourceType: string; id: string; issue?: { code: string; diagnostics: string }[] };
    search: {
      mode: string;
      score?: number;
      extension?: { url: string; valueCode?: string; valueReference?: object }[];
    };
  }[];
}

export interface Person {
  id: string;
  active: boolean;
  link?: { target: { reference: string } }[];
}

export const ANN = {
  resourceType: 'Patient',
  name: [{ family: 'Kowalczyk', given: ['Annabelle', 'Ruth'] }],
  birthDate: '1974-03-07',
  gender: 'female',
  telecom: [{ system: 'phone', value: '+1 617 555 0142' }],
  address: [{ line: ['12 Beacon Street'], city: 'Boston', postalCode: '02108', state: 'MA' }],
};

export const BOB = {
  resourceType: 'Patient',
  name: [{ family: 'Okonkwo', given: ['Robert'] }],
  birthDate: '1951-11-30',
  gender: 'male',
  address: [{ line: ['4 Quarry Lane'], city: 'Salem', postalCode: '01970' }],
};

/** Two hospitals and a laboratory over one server, and what is asked of the system itself. */
export class Town {
  readonly system: FhirHttp;

  private constructor(
    readonly url: string,
    readonly mary: FhirHttp,
    readonly elizabeth: FhirHttp,
    readonly lab: FhirHttp,
  ) {
    this.system = new FhirHttp(`${url}/fhir/chartledger`);
  }

  static async on({ url }: TestServer): Promise<Town> {
    const [mary, elizabeth, lab] = [
      await registerSource(url, { name: 'st-mary' }),
      await registerSource(url, { name: 'st-elizabeth' }),
      await registerSource(url, { name: 'lab' }),
    ];
    return new Town(url, mary, elizabeth, lab);
  }

  /** The same town, whose sources are registered, where the server is now. */
  static again({ url }: TestServer): Town {
    const [mary, elizabeth, lab] = ['st-mary', 'st-elizabeth', 'lab'].map(
      (name) => new FhirHttp(`${url}/fhir/${name}`),
    );
    return new Town(url, mary, elizabeth, lab);
  }

  /** Puts a resource, or text as it is; returns the position. */
  async put(source: FhirHttp, path: string, body: object | string): Promise<string> {
    const [, id] = path.split('/');
    const answer = await source.put(path, typeof body === 'string' ? body : { ...body, id });
    expect([answer.status, answer.text]).toEqual([expect.any(Number), expect.not.stringContaining('OperationOutcome')]);
    return answer.headers.get('chartledger-position')!;
  }

  async personOf(source: FhirHttp, id: string, query = ''): Promise<Person> {
    const answer = await source.get(`Patient/${id}/$person${query}`);
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"Person"')]);
    return answer.json<Person & Record<string, unknown>>();
  }

  get(path: string, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    return http(`${this.url}${path}`, { headers });
  }

  decide(person: string, decision: object): Promise<HttpAnswer> {
    const headers = { 'Content-Type': 'application/json' };
    return http(`${this.url}/persons/${person}/decisions`, { method: 'POST', headers, body: JSON.stringify(decision) });
  }

  match(patient: object, more: object[] = []): Promise<HttpAnswer> {
    const parameter = [{ name: 'resource', resource: patient }, ...more];
    return this.system.post('Patient/$match', { resourceType: 'Parameters', parameter });
  }
}

/** The entries of a Bundle by the end of their URL: `st-mary/Patient/p1`. */
export function urls(bundle: Bundle, mode = 'match'): string[] {
  return (bundle.entry ?? [])
    .filter(({ search }) => search.mode === mode)
    .map(({ fullUrl }) => fullUrl!.replace(/^.*\/fhir\//, ''));
}

export function linksOf(person: Person): string[] {
  return (person.link ?? []).map(({ target }) => target.reference.replace(/^.*\/fhir\//, ''));
}
