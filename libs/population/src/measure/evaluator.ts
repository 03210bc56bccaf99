import { SubjectEvaluator } from './evaluate-subject.js';
import { type MeasurePackage } from './measure-package.js';
import { type Period } from './period.js';
import { type Resource } from './resources.js';
import { type SubjectResult, type SupplementalValue } from './subject-result.js';

/** What is evaluated; two with the same key MUST be the same. */
export interface Definition {
  key: string;
  measurePackage: MeasurePackage;
  period: Period;
}

/** The records of one subject: JSON texts, and the number of the source that each is from. */
export interface SubjectInput {
  texts: Buffer[];
  sources: number[];
}

export interface Evaluated {
  /** JSON of a `SubjectResult`. */
  result: string;
  /** Indices of the records that the logic touched. */
  touched: number[];
  supplemental: SupplementalValue[];
}

/** Evaluates subjects, here or elsewhere. @throws LogicError. */
export interface Evaluator {
  /** How many batches it can work on at a time. */
  readonly width: number;
  evaluate(definition: Definition, subjects: readonly SubjectInput[]): Promise<Evaluated[]>;
  stop(): Promise<void>;
}

/** How many measures and periods are kept ready: each holds its logic compiled, some MB. */
const READY = 8;

/** Evaluates in this thread. */
export class LocalEvaluator implements Evaluator {
  readonly width = 1;
  private readonly ready = new Map<string, SubjectEvaluator>();

  async evaluate(definition: Definition, subjects: readonly SubjectInput[]): Promise<Evaluated[]> {
    const evaluator = this.evaluator(definition);
    const answers: Evaluated[] = [];
    for (const { texts, sources } of subjects) {
      const records = texts.map((text) => JSON.parse(text.toString('utf8')) as Resource);
      const { result, touched, supplemental } = await evaluator.evaluate(apart(records, sources));
      answers.push({ result: JSON.stringify(result satisfies SubjectResult), touched, supplemental });
    }
    return answers;
  }

  async stop(): Promise<void> {
    this.ready.clear();
  }

  private evaluator({ key, measurePackage, period }: Definition): SubjectEvaluator {
    const known = this.ready.get(key);
    if (known) return known;
    if (this.ready.size >= READY) this.ready.delete(this.ready.keys().next().value!);
    const made = new SubjectEvaluator(measurePackage, period);
    this.ready.set(key, made);
    return made;
  }
}

/**
 * The records of a person, which come from several sources, with ids that are unique among them: two hospitals may both
 * have an `Encounter/1`. Where one's id is taken it and the references to it within its source are given a further part.
 */
export function apart(records: Resource[], sources: readonly number[]): Resource[] {
  if (new Set(sources).size < 2) return records;
  const taken = new Map<string, number>();
  const renamed = new Map<string, string>();
  records.forEach(({ resourceType, id }, index) => {
    const name = `${resourceType}/${id}`;
    const first = taken.get(name);
    if (first === undefined) taken.set(name, sources[index]);
    else if (first !== sources[index]) renamed.set(`${sources[index]} ${name}`, `${id}.${sources[index]}`);
  });
  if (renamed.size === 0) return records;
  records.forEach((record, index) => {
    const id = renamed.get(`${sources[index]} ${record.resourceType}/${record.id}`);
    if (id !== undefined) record.id = id;
    renameReferences(record, sources[index], renamed);
  });
  return records;
}

function renameReferences(value: unknown, source: number, renamed: ReadonlyMap<string, string>): void {
  if (typeof value !== 'object' || value === null) return;
  const node = value as Record<string, unknown>;
  const { reference } = node;
  if (typeof reference === 'string') {
    const id = renamed.get(`${source} ${reference}`);
    if (id !== undefined) node['reference'] = `${reference.slice(0, reference.indexOf('/'))}/${id}`;
  }
  for (const name in node) renameReferences(node[name], source, renamed);
}
