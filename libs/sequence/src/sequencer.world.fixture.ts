import { FhirError } from '@chartledger/platform';
import { GoneError } from '@chartledger/records';
import { type TestStages } from '@chartledger/testing';
import {
  type Answer,
  type Answers,
  type Command,
  type ModelRecord,
  type Operation,
} from './sequencer.model.fixture.js';
import { type ChangeResult } from './submission.js';

const SYSTEM = 'http://clinic.example/numbers';

/** Carries out the commands of one run on real stages. Ids and identifiers begin with `prefix`, so that runs are apart. */
export class World {
  constructor(
    private readonly stages: TestStages,
    private readonly prefix: string,
  ) {}

  async execute(command: Command, idempotencyKey?: string): Promise<Answers> {
    try {
      if (command.kind === 'single') {
        const { method, id, ifMatch, ifNoneMatch, ifNoneExist, resource } = this.request(command.operation);
        const asked = { method, id, ifMatch, ifNoneMatch, ifNoneExist, idempotencyKey };
        const { results } = await this.stages.send(asked, resource && JSON.stringify(resource));
        return this.answer(results[0]);
      }
      const bundle = { resourceType: 'Bundle', type: command.kind, entry: command.operations.map(this.entry) };
      const { results } = await this.stages.sendBundle(JSON.stringify(bundle), { idempotencyKey });
      return results.map((result) => this.answer(result));
    } catch (error) {
      if (error instanceof FhirError) return this.answer(error);
      throw error;
    }
  }

  /** What readers see of the records that the model has. */
  async read(keys: Iterable<string>): Promise<Map<string, ModelRecord>> {
    const found = new Map<string, ModelRecord>();
    for (const key of keys) found.set(key, await this.readOne(key));
    return found;
  }

  private async readOne(key: string): Promise<ModelRecord> {
    const actor = { client: 'test' };
    const record = { source: this.stages.source, type: 'Patient', id: this.idOf(key) };
    const { value: past } = await this.stages.reader.history(actor, record, { count: 1000 });
    try {
      const { value } = await this.stages.reader.read(actor, record);
      const { name, identifier } = JSON.parse(value.body!.toString()) as PatientText;
      const number = identifier?.[0].value.slice(this.prefix.length);
      return { version: past.total, content: { family: name[0].family, number } };
    } catch (error) {
      if (error instanceof GoneError) return { version: past.total, content: undefined };
      throw error;
    }
  }

  private request(operation: Operation): Request {
    const id = operation.kind === 'create' ? undefined : this.idOf(operation.id);
    const { family, number } = operation.kind === 'delete' ? {} : operation.content;
    const identifier = number === undefined ? undefined : [{ system: SYSTEM, value: this.prefix + number }];
    const resource = { resourceType: 'Patient', id, identifier, name: [{ family }] };
    switch (operation.kind) {
      case 'create': {
        const { ifNoneExist } = operation;
        const query = ifNoneExist && `identifier=${SYSTEM}|${this.prefix}${ifNoneExist}`;
        return { method: 'POST', resource, ifNoneExist: query };
      }
      case 'put':
        return { method: 'PUT', id, resource, ifMatch: operation.ifMatch, ifNoneMatch: operation.ifNoneMatch };
      case 'delete':
        return { method: 'DELETE', id, ifMatch: operation.ifMatch };
    }
  }

  private readonly entry = (operation: Operation): object => {
    const { method, id, resource, ifMatch, ifNoneMatch, ifNoneExist } = this.request(operation);
    const url = id === undefined ? 'Patient' : `Patient/${id}`;
    return { resource, request: { method, url, ifMatch: ifMatch && `W/"${ifMatch}"`, ifNoneMatch, ifNoneExist } };
  };

  private answer(result: ChangeResult): Answer {
    const { status } = result;
    if (result instanceof FhirError) return { status } as Answer;
    return { status, version: result.version, id: this.keyOf(result.id) } as Answer;
  }

  private idOf(key: string): string {
    return key.length === 1 ? this.prefix + key : key;
  }

  private keyOf(id: string): string {
    return id.startsWith(this.prefix) ? id.slice(this.prefix.length) : id;
  }
}

interface Request {
  method: 'POST' | 'PUT' | 'DELETE';
  id?: string;
  resource?: object;
  ifMatch?: string;
  ifNoneMatch?: string;
  ifNoneExist?: string;
}

interface PatientText {
  name: { family: string }[];
  identifier?: { value: string }[];
}
