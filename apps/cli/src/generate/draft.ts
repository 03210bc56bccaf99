import { type Json, type JsonObject } from './json.js';
import { type Random } from './random.js';

export interface Entry {
  readonly fullUrl: string;
  readonly resource: JsonObject;
  readonly request: JsonObject;
}

/** A transaction Bundle in the making. Its resources name each other by the `urn:uuid:` that `add` gives back. */
export class Draft {
  readonly entries: Entry[] = [];

  /**
   * With a `clientId` the sender gives the ids: the Patient is that id, the others count up behind it, and each is a
   * PUT, so that the sender can send a later version. Without it each is a POST, and the server gives the ids.
   */
  constructor(
    private readonly random: Random,
    private readonly clientId?: string,
  ) {}

  add(type: string, body: JsonObject): string {
    if (this.clientId === undefined) return this.post(type, body);
    return this.put(type, type === 'Patient' ? this.clientId : `${this.clientId}-${this.entries.length}`, body);
  }

  post(type: string, body: JsonObject): string {
    return this.enter({ resourceType: type, ...body }, { method: 'POST', url: type });
  }

  put(type: string, id: string, body: JsonObject): string {
    return this.enter({ resourceType: type, id, ...body }, { method: 'PUT', url: `${type}/${id}` });
  }

  /** References to all that the draft holds by now. */
  references(): JsonObject[] {
    return this.entries.map(({ fullUrl }) => ({ reference: fullUrl }));
  }

  private enter(resource: JsonObject, request: JsonObject): string {
    const fullUrl = `urn:uuid:${this.random.uuid()}`;
    this.entries.push({ fullUrl, resource, request });
    return fullUrl;
  }
}

export function bundleOf(type: 'transaction' | 'batch', entries: readonly Entry[]): JsonObject {
  return { resourceType: 'Bundle', type, entry: entries.map((entry): JsonObject => ({ ...entry })) };
}

/** The same JSON with every `reference` that `targets` knows replaced by what it says there. */
export function withReferences<T extends Json>(value: T, targets: ReadonlyMap<string, string>): T {
  return rewrite(value, targets) as T;
}

function rewrite(value: Json, targets: ReadonlyMap<string, string>): Json {
  if (Array.isArray(value)) return value.map((item: Json) => rewrite(item, targets));
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const members = Object.entries(value as JsonObject).map(([name, member]) => {
    if (name === 'reference' && typeof member === 'string') return [name, targets.get(member) ?? member];
    return [name, member === undefined ? undefined : rewrite(member, targets)];
  });
  return Object.fromEntries(members) as JsonObject;
}
