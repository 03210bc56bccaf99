import { type Pool } from 'pg';
import { run, textArray } from '@chartledger/database';
import { RESOURCE_TYPES } from '@chartledger/fhir';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import { type Views } from '@chartledger/projection';
import { type Source, type SourceDirectory } from '@chartledger/records';
import { type Forgets, type ShreddedKey, type ShreddedKeys } from '@chartledger/security';
import { type PseudonymOf } from '../live/forget-rows.js';
import { type KeptResults } from './kept-results.js';
import { PERSONS } from './patient-data.js';
import { isShared } from './patient-tokens.js';
import { entriesOf, personsEver, recordIds } from './patient-data.queries.js';

/** Records of one look-up: their pseudonyms take 20 ms, and others have their turn in between. */
const PAGE = 20_000;
/** Of a Patient's results it is known by whom they are; of what others refer to, by what they touched. */
const SHARED_TYPES = RESOURCE_TYPES.filter(isShared);

export interface ForgetResultsContext {
  pool: Pool;
  views: Views;
  sources: SourceDirectory;
  kept: KeptResults;
  pseudonymOf: PseudonymOf;
}

interface Forgotten {
  subjects: string[];
  entries: { chain: number; seq: number }[];
}

/** The kept results of measures, which end with the data keys of the records that they were read from. */
export class ForgetResults implements Forgets {
  private readonly running = new Set<Promise<unknown>>();
  private shredded: Pick<ShreddedKeys, 'caughtUp'> | undefined;

  constructor(private readonly context: ForgetResultsContext) {}

  /** Whom `during` asks whether there is something to forget. */
  listensTo(shredded: Pick<ShreddedKeys, 'caughtUp'>): void {
    this.shredded = shredded;
  }

  /** Evaluates: nothing that was destroyed before is in it, and nothing that is destroyed meanwhile stays kept. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    await this.shredded?.caughtUp();
    const running = work();
    this.running.add(running);
    return running.finally(() => this.running.delete(running));
  }

  /** What was forgotten is not noted: after a start all is forgotten again, which finds nothing. */
  async forgotten(): Promise<number> {
    return 0;
  }

  async forget(keys: readonly ShreddedKey[]): Promise<void> {
    const owners = new Set(keys.map(({ owner }) => owner));
    const running = [...this.running];
    const { subjects, entries } = await this.find(owners);
    const { kept } = this.context;
    await kept.forget(subjects, entries);
    // What is evaluated now may have been read before, and is kept when it is done.
    if (running.length > 0) {
      void Promise.allSettled(running)
        .then(() => kept.forget(subjects, entries))
        .catch(() => this.shredded?.caughtUp());
    }
  }

  /** A pseudonym says nothing of whose it is: those of all records that it may be are compared. */
  private async find(owners: ReadonlySet<string>): Promise<Forgotten> {
    const found: Forgotten = { subjects: [], entries: [] };
    for (const source of await this.context.sources.all()) {
      const patients = await this.recordsOf(source, 'Patient', owners);
      found.subjects.push(...patients.map((id) => `${source.name}/Patient/${id}`));
      found.subjects.push(...(await this.personsOf(source, patients)));
      for (const type of ['Patient', ...SHARED_TYPES]) {
        const ids = type === 'Patient' ? patients : await this.recordsOf(source, type, owners);
        if (ids.length > 0) found.entries.push(...(await this.entriesOf(source, type, ids)));
      }
    }
    return found;
  }

  private async recordsOf({ name, chain }: Source, type: string, owners: ReadonlySet<string>): Promise<string[]> {
    const { pool, views, pseudonymOf } = this.context;
    const { schema } = views.view('records', chain);
    const found: string[] = [];
    for (let after = ''; ;) {
      const rows = await run<{ id: string }>(pool, recordIds(schema), [name, type, after, PAGE]);
      found.push(...rows.map(({ id }) => id).filter((id) => owners.has(pseudonymOf(name, type, id))));
      if (rows.length < PAGE) return found;
      after = rows[rows.length - 1].id;
    }
  }

  private async personsOf({ name }: Source, patients: readonly string[]): Promise<string[]> {
    const { pool, views } = this.context;
    if (patients.length === 0 || !views.all().some((view) => view.name === PERSONS)) return [];
    const { schema } = views.view(PERSONS, SYSTEM_CHAIN);
    const given = [textArray(patients.map(() => name)), textArray(patients)];
    const rows = await run<{ person: string }>(pool, personsEver(schema), given);
    return rows.map(({ person }) => `Person/${person}`);
  }

  private entriesOf({ name, chain }: Source, type: string, ids: string[]): Promise<Forgotten['entries']> {
    const { pool, views } = this.context;
    const { schema } = views.view('records', chain);
    return run(pool, entriesOf(schema), [name, textArray(ids.map(() => type)), textArray(ids)]);
  }
}
