import { createHash } from 'node:crypto';
import { type Positions } from '@chartledger/ledger';
import { type Actor } from '@chartledger/platform';
import { type Source } from '@chartledger/records';
import { type Definition, type Evaluated, type Evaluator } from './evaluator.js';
import { type KeptResults, type NewResult } from './kept-results.js';
import { packageHash, typesRead, type MeasurePackage } from './measure-package.js';
import { type PatientData } from './patient-data.js';
import { type PatientRecords, type SubjectPlaces, type SubjectRecords } from './patient-records.js';
import { type Period } from './period.js';
import { type SubjectResult } from './subject-result.js';
import { type Subject } from './subjects.js';

/** Few enough that no thread has none left to do at the end, many enough that a message serves several. */
const BATCH_SUBJECTS = 16;
/** Where their records are is found for so many at a time, by reading the view of records once: some 20 MB of places. */
const FOUND_SUBJECTS = 4_096;

/** A measure, ready to be evaluated over a period. */
export interface Prepared extends Definition {
  /** The types of records that the logic can read. */
  types: string[];
}

export function prepareEvaluation(measurePackage: MeasurePackage, period: Period): Prepared {
  const hash = createHash('sha256').update(`${packageHash(measurePackage)}\0${period.start}\0${period.end}`);
  return { key: hash.digest('hex'), measurePackage, period, types: typesRead(measurePackage) };
}

export interface EvaluatedSubject {
  subject: Subject;
  /** Of the kept result. */
  id: string;
  result: SubjectResult;
}

export interface EvaluatedPopulation {
  positions: Positions;
  personsChanged: number;
  subjects: EvaluatedSubject[];
  /** How many had to be evaluated: the others' data are as they were. */
  evaluated: number;
}

/** One subject evaluated now, with what the logic touched. */
export interface FreshSubject extends EvaluatedSubject {
  records: SubjectRecords;
  evaluated: Evaluated;
}

/** Evaluates populations: whoever's data did not change since an evaluation of before is not evaluated again. */
export class PopulationEvaluation {
  constructor(
    private readonly data: PatientData,
    private readonly records: PatientRecords,
    private readonly kept: KeptResults,
    private readonly evaluator: Evaluator,
  ) {}

  /**
   * @param isMeant leaves out subjects that were not asked for.
   * @throws BadRequestError for an `asOf` that cannot be honoured, LogicError.
   */
  async evaluate(
    actor: Actor,
    prepared: Prepared,
    asked: { sources: readonly Source[]; asOf?: string; isMeant?: (subject: Subject) => boolean },
  ): Promise<EvaluatedPopulation> {
    const population = await this.data.population(actor, { ...asked, types: prepared.types });
    const meant = population.subjects.filter(asked.isMeant ?? (() => true));
    const found = await this.kept.find(prepared.key, meant);
    const missing = meant.filter((_, index) => !found[index]);
    const fresh = new Map<string, EvaluatedSubject>();
    await this.each(actor, prepared, missing, population.positions, (subjects) => {
      for (const { subject, id, result } of subjects) fresh.set(subject.name, { subject, id, result });
    });
    const subjects = meant.flatMap((subject, index) => {
      const known = found[index];
      if (known) return { subject, id: known.id, result: JSON.parse(known.result) as SubjectResult };
      // One whose key was destroyed in the meantime has no data.
      return fresh.get(subject.name) ?? [];
    });
    const { positions, personsChanged } = population;
    return { positions, personsChanged, subjects, evaluated: missing.length };
  }

  /** Evaluates subjects whatever is kept of them, and keeps what comes out. `done` is called with each batch. */
  async each(
    actor: Actor,
    prepared: Prepared,
    subjects: readonly Subject[],
    positions: Positions,
    done: (subjects: FreshSubject[]) => void,
  ): Promise<void> {
    for (let start = 0; start < subjects.length; start += FOUND_SUBJECTS) {
      const some = subjects.slice(start, start + FOUND_SUBJECTS);
      const found = await this.records.find(actor, some, prepared.types, positions);
      let next = 0;
      const work = async (): Promise<void> => {
        while (next < found.length) {
          const from = next;
          next += BATCH_SUBJECTS;
          done(await this.batch(actor, prepared, found.slice(from, from + BATCH_SUBJECTS), positions));
        }
      };
      await Promise.all(Array.from({ length: this.evaluator.width }, work));
    }
  }

  private async batch(
    actor: Actor,
    prepared: Prepared,
    found: readonly SubjectPlaces[],
    positions: Positions,
  ): Promise<FreshSubject[]> {
    const all = await this.records.read(actor, found, prepared.types, positions);
    const readable = all.filter(({ places }) => places.some(({ type }) => type === 'Patient'));
    const { key, measurePackage, period } = prepared;
    const evaluated = await this.evaluator.evaluate(
      { key, measurePackage, period },
      readable.map(({ texts, places, subject: { members } }) => ({
        texts,
        sources: places.map(({ source }) => members.findIndex((member) => member.source === source)),
      })),
    );
    const ids = await this.kept.keep(
      key,
      evaluated.map(({ result, touched }, index): NewResult => {
        const { subject, places } = readable[index];
        return { subject, result, touched: touched.map((place) => places[place]) };
      }),
    );
    return evaluated.map((one, index) => ({
      subject: readable[index].subject,
      id: ids[index],
      result: JSON.parse(one.result) as SubjectResult,
      records: readable[index],
      evaluated: one,
    }));
  }
}
