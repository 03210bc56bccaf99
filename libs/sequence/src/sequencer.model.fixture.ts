import fc from 'fast-check';

/** Few of each, so that commands meet. */
const IDS = ['a', 'b', 'c'] as const;
const NUMBERS = ['n1', 'n2'] as const;

/** What tells one resource of the commands from another. */
export interface Content {
  family: string;
  /** The value of an identifier. */
  number: string | undefined;
}

export type Operation =
  | { kind: 'create'; content: Content; ifNoneExist: string | undefined }
  | { kind: 'put'; id: string; content: Content; ifMatch: string | undefined; ifNoneMatch: '*' | undefined }
  | { kind: 'delete'; id: string; ifMatch: string | undefined };

export type Command =
  { kind: 'single'; operation: Operation } | { kind: 'transaction' | 'batch'; operations: Operation[] };

/** What became of an operation: the version that its answer names, or a refusal. */
export type Answer = { status: 200 | 201 | 204; version: number; id: string } | { status: 400 | 412 };
/** A transaction that is refused has one answer. */
export type Answers = Answer | Answer[];

const content: fc.Arbitrary<Content> = fc.record({
  family: fc.constantFrom('Chalmers', 'Windsor'),
  number: fc.option(fc.constantFrom(...NUMBERS), { nil: undefined }),
});
const id = fc.constantFrom(...IDS);
const ifMatch = fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined, freq: 3 });

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant('create' as const),
    content,
    ifNoneExist: fc.option(fc.constantFrom(...NUMBERS), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('put' as const),
    id,
    content,
    ifMatch,
    ifNoneMatch: fc.option(fc.constant('*' as const), { nil: undefined, freq: 5 }),
  }),
  fc.record({ kind: fc.constant('delete' as const), id, ifMatch }),
);

/** Commands in their order, each of up to four operations. */
export const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('single' as const), operation }),
    fc.record({
      kind: fc.constantFrom('transaction' as const, 'batch' as const),
      operations: fc.array(operation, { minLength: 1, maxLength: 4 }),
    }),
  ),
  { minLength: 1, maxLength: 12 },
);

export interface ModelRecord {
  version: number;
  /** Undefined: deleted. */
  content: Content | undefined;
}

/** What FHIR R4 says that a server does with the commands (http.html), on a map. */
export class Model {
  records = new Map<string, ModelRecord>();
  /** How many entries of the ledger it takes. */
  entries = 0;

  /** @param answers what the server answered: the model takes from it the ids that the server gave, and nothing else. */
  execute(command: Command, answers: Answers): Answers {
    if (command.kind === 'single') return this.apply(command.operation, newId(answers));
    const newIds = command.operations.map((_, at) => newId(Array.isArray(answers) ? answers[at] : answers));
    if (command.kind === 'batch') return command.operations.map((operation, at) => this.apply(operation, newIds[at]));
    return this.transaction(command.operations, newIds);
  }

  private transaction(operations: readonly Operation[], newIds: readonly string[]): Answers {
    const named = operations.flatMap((operation) => (operation.kind === 'create' ? [] : [operation.id]));
    if (new Set(named).size < named.length) return { status: 400 };
    const before = { records: new Map(this.records), entries: this.entries };
    const found = operations.map((operation) => this.findWithout(operation, deletedIn(operations)));
    const answers = operations.map((operation, at): Answer => {
      if (found[at] === MANY) return { status: 412 };
      if (found[at] !== undefined) return this.existing(found[at]);
      return this.apply(operation.kind === 'create' ? { ...operation, ifNoneExist: undefined } : operation, newIds[at]);
    });
    const refused = answers.find(({ status }) => status >= 400);
    if (!refused) return answers;
    this.records = before.records;
    this.entries = before.entries;
    return refused;
  }

  private apply(operation: Operation, givenId: string): Answer {
    if (operation.kind === 'create') {
      const found = this.findWithout(operation, []);
      if (found === MANY) return { status: 412 };
      return found === undefined ? this.write(givenId, operation.content, 201) : this.existing(found);
    }
    const current = this.records.get(operation.id);
    const { content: held } = current ?? {};
    if (operation.ifMatch !== undefined && (!held || String(current!.version) !== operation.ifMatch)) {
      return { status: 412 };
    }
    if (operation.kind === 'delete') {
      if (!held) return { status: 204, version: current?.version ?? 0, id: operation.id };
      return this.write(operation.id, undefined, 204);
    }
    if (operation.ifNoneMatch && held) return { status: 412 };
    if (held && held.family === operation.content.family && held.number === operation.content.number) {
      this.entries += 1;
      return { status: 200, version: current!.version, id: operation.id };
    }
    return this.write(operation.id, operation.content, held ? 200 : 201);
  }

  /** Deletions come first in a transaction (http.html#trules), so what they delete is not found. */
  private findWithout(operation: Operation, deleted: readonly string[]): string | undefined {
    if (operation.kind !== 'create' || operation.ifNoneExist === undefined) return undefined;
    const ids = [...this.records]
      .filter(([key, { content }]) => content?.number === operation.ifNoneExist && !deleted.includes(key))
      .map(([key]) => key);
    return ids.length > 1 ? MANY : ids[0];
  }

  private existing(key: string): Answer {
    return { status: 200, version: this.records.get(key)!.version, id: key };
  }

  private write(key: string, content: Content | undefined, status: 200 | 201 | 204): Answer {
    const version = (this.records.get(key)?.version ?? 0) + 1;
    this.records.set(key, { version, content });
    this.entries += 1;
    return { status, version, id: key };
  }
}

const MANY = '(more than one)';

function deletedIn(operations: readonly Operation[]): string[] {
  return operations.flatMap((operation) => (operation.kind === 'delete' ? [operation.id] : []));
}

function newId(answer: Answers): string {
  return !Array.isArray(answer) && 'id' in answer ? answer.id : '(none)';
}
