import { type Pool } from 'pg';
import { run, textArray } from '@chartledger/database';
import { parsePositions, SYSTEM_CHAIN } from '@chartledger/ledger';
import { type Actor } from '@chartledger/platform';
import { type Views } from '@chartledger/projection';
import { resolveAsOf, type Source } from '@chartledger/records';
import { type Tokens } from '@chartledger/security';
import { lastChangeOf, lastChanges, membersAt, membersChanged, patientsAt } from './patient-data.queries.js';
import { isShared, numberOf, patientTokens } from './patient-tokens.js';
import { subjectsOf, type Member, type Persons, type Subject } from './subjects.js';

/** Whom a question is about, and as of when. */
export interface Asked {
  /** The types of records that the logic can read. */
  types: readonly string[];
  sources: readonly Source[];
  /** Positions, or an instant; default: now. */
  asOf?: string;
}

export interface Population {
  /** Where each chain was read; one that stood before its first entry is left out. */
  positions: Map<number, number>;
  /** When who is whom last changed, as a position on the system's chain; -1: never. */
  personsChanged: number;
  subjects: Subject[];
}

export const PERSONS = 'persons';

/** Who there is as of any position: patients by source, joined through persons where these are known. */
export class PatientData {
  constructor(
    private readonly pool: Pool,
    private readonly views: Views,
    private readonly tokens: Tokens,
  ) {}

  /**
   * Everybody, and since when their data are as they are.
   * @throws BadRequestError for an `asOf` that cannot be honoured.
   */
  async population(_actor: Actor, { types, sources, asOf }: Asked): Promise<Population> {
    const named = asOf === undefined ? undefined : parsePositions(asOf);
    const asked = named ? sources.filter(({ chain }) => named.has(chain)) : sources;
    const chains = [...new Set(asked.map(({ chain }) => chain))].sort((a, b) => a - b);
    const positions = new Map<number, number>();
    for (const chain of chains) positions.set(chain, await this.position('records', chain, asOf));
    const { persons, changed } = await this.persons(asOf);
    const members = (
      await Promise.all(asked.map((source) => this.members(source, positions.get(source.chain)!, types)))
    ).flat();
    for (const [chain, seq] of positions) if (seq < 0) positions.delete(chain);
    return { positions, personsChanged: changed, subjects: subjectsOf(members, persons) };
  }

  private async members(source: Source, position: number, types: readonly string[]): Promise<Member[]> {
    if (position < 0) return [];
    const { schema } = this.views.view('records', source.chain);
    const [patients, changes, [shared]] = await Promise.all([
      run<{ id: string; seq: number }>(this.pool, patientsAt(schema), [source.name, position]),
      run<{ token: string; seq: number }>(this.pool, lastChanges(schema), [source.name, position, textArray(types)]),
      run<{ seq: number | null }>(this.pool, lastChangeOf(schema), [
        source.name,
        position,
        textArray(types.filter(isShared)),
      ]),
    ]);
    const changed = new Map(changes.map(({ token, seq }) => [token, seq]));
    return patients.map(({ id, seq }) => ({
      source: source.name,
      chain: source.chain,
      patient: id,
      changed: patientTokens(this.tokens, source.name, id, types)
        .map((token) => changed.get(numberOf(token)) ?? -1)
        .reduce((last, one) => Math.max(last, one), Math.max(seq, shared.seq ?? -1)),
    }));
  }

  private async persons(asOf: string | undefined): Promise<{ persons: Persons; changed: number }> {
    if (!this.views.all().some(({ name }) => name === PERSONS)) return { persons: new Map(), changed: -1 };
    const position = await this.position(PERSONS, SYSTEM_CHAIN, asOf);
    const { schema } = this.views.view(PERSONS, SYSTEM_CHAIN);
    const [rows, [{ seq }]] = await Promise.all([
      run<{ source: string; patient: string; person: string }>(this.pool, membersAt(schema), [position]),
      run<{ seq: number | null }>(this.pool, membersChanged(schema), [position]),
    ]);
    return {
      persons: new Map(rows.map(({ source, patient, person }) => [`${source}/${patient}`, person])),
      changed: seq ?? -1,
    };
  }

  private async position(view: string, chain: number, asOf: string | undefined): Promise<number> {
    const { applied } = await this.views.upToDate(view, chain);
    return asOf === undefined ? applied : resolveAsOf(this.views.ledger, chain, asOf, applied);
  }
}
