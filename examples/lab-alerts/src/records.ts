import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'fhir-kit-client';
import { type ChangeEvent } from './changes.js';
import { type Observation } from './alert.js';

/** Answers that another attempt does not change: no right, not there for us, deleted or shredded since. */
const NOT_FOR_US = new Set([401, 403, 404, 410]);
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 100;

/** Reads records by FHIR, with the right of this service and not with that of the topic. */
export class Records {
  private readonly clients = new Map<string, Client>();

  constructor(private readonly fhirUrl: string) {}

  /** The version that the event tells of; undefined when it is not for us. @throws Error when there is no answer. */
  async observation({ id, data: { source, type } }: ChangeEvent): Promise<Observation | undefined> {
    const client = this.client(source);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const question = { name: '$version', resourceType: type, method: 'GET' as const, input: { position: id } };
        return (await client.operation(question)) as Observation;
      } catch (error) {
        const { status } = (error as { response?: { status?: number } }).response ?? {};
        if (status !== undefined && NOT_FOR_US.has(status)) return undefined;
        if (attempt === ATTEMPTS) throw error;
        await delay(FIRST_PAUSE_MS * 2 ** attempt);
      }
    }
  }

  private client(source: string): Client {
    const known = this.clients.get(source) ?? new Client({ baseUrl: `${this.fhirUrl}/${source}` });
    this.clients.set(source, known);
    return known;
  }
}
