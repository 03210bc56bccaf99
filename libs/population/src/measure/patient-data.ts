import { type Pool } from 'pg';
import { int4Array, int8Array, run, textArray } from '@chartledger/database';
import { patientParameters, scanResource } from '@chartledger/fhir';
import { parsePositions, SYSTEM_CHAIN, type Positions } from '@chartledger/ledger';
import { type Actor } from '@chartledger/platform';
import { servedText, type EntryOpener, type Views } from '@chartledger/projection';
import { referenceToken, resolveAsOf, type Source } from '@chartledger/records';
import { type Token, type Tokens } from '@chartledger/security';
import {
  lastChangeOf,
  lastChanges,
  membersAt,
  membersChanged,
  patientsAt,
  versionsOf,
  versionsWith,
} from './patient-data.queries.js';
import { subjectsOf, type Member, type Persons, type Subject } from './subjects.js';

/** A version of a record that the logic is given. */
export interface Place {
  chain: number;
  seq: number;
  source: string;
  type: string;
  id: string;
  version: number;
}

/** The records of a subject, those of its first member first, in the order of the ledger. */
export interface SubjectRecords {
  subject: Subject;
  places: Place[];
  /** The records as they are served. */
  texts: Buffer[];
}

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

/** Search parameters that the view of records has tokens for. */
const CODES = ['patient', 'subject'] as const;
export const PERSONS = 'persons';

/**
 * The records of patients as of any position, by source, and joined through persons where these are known. A patient's
 * records are those of its compartment (http://hl7.org/fhir/R4/compartmentdefinition-patient.html), and the records of
 * other types (Medication, Location, …) that they refer to.
 */
export class PatientData {
  constructor(
    private readonly pool: Pool,
    private readonly views: Views,
    private readonly opener: EntryOpener,
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

  /** What the logic is given of some subjects; one whose key was destroyed has no texts. */
  async records(
    _actor: Actor,
    subjects: readonly Subject[],
    types: readonly string[],
    positions: Positions,
  ): Promise<SubjectRecords[]> {
    const answers: SubjectRecords[] = subjects.map((subject) => ({ subject, places: [], texts: [] }));
    const members = subjects.flatMap(({ members }, owner) => members.map((member) => ({ member, owner })));
    const sources = new Map(members.map(({ member: { source, chain } }) => [source, chain]));
    // By name: what a subject is given does not depend on who else is in the batch.
    for (const [source, chain] of [...sources].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const own = members.filter(({ member }) => member.source === source);
      await this.addRecords(answers, own, source, chain, types, positions.get(chain) ?? -1);
    }
    return answers.map(withOnePatient);
  }

  private async addRecords(
    answers: SubjectRecords[],
    members: readonly { member: Member; owner: number }[],
    source: string,
    chain: number,
    types: readonly string[],
    position: number,
  ): Promise<void> {
    const { schema } = this.views.view('records', chain);
    const found: { owner: number; seq: number; type: string; id: string; version: number }[] = [];
    const owners = new Map(members.map(({ member, owner }) => [member.patient, owner]));
    const patients = await run<Omit<Place, 'chain' | 'source'>>(this.pool, versionsOf(schema), [
      source,
      textArray(members.map(() => 'Patient')),
      textArray([...owners.keys()]),
      position,
    ]);
    patients.sort((a, b) => (a.id < b.id ? -1 : 1));
    found.push(...patients.map((row) => ({ ...row, owner: owners.get(row.id)! })));
    const asked = members.flatMap(({ member, owner }) =>
      this.tokensOf(source, member.patient, types).map((token) => ({ token, owner })),
    );
    found.push(
      ...(await run<(typeof found)[number]>(this.pool, versionsWith(schema), [
        int8Array(asked.map(({ token }) => token)),
        int4Array(asked.map(({ owner }) => owner)),
        chain,
        position,
      ])),
    );
    const texts = await this.texts(chain, found);
    const others = types.filter(isShared);
    if (others.length > 0) await this.addShared(found, texts, source, chain, others, position);
    found.forEach(({ owner, seq, type, id, version }, index) => {
      const text = texts[index];
      if (!text) return;
      answers[owner].places.push({ chain, seq, source, type, id, version });
      answers[owner].texts.push(text);
    });
  }

  /** The records of types without a patient, such as Medication, that those found refer to. */
  private async addShared(
    found: { owner: number; seq: number; type: string; id: string; version: number }[],
    texts: (Buffer | undefined)[],
    source: string,
    chain: number,
    types: readonly string[],
    position: number,
  ): Promise<void> {
    const wanted = new Map<string, Set<number>>();
    texts.forEach((text, index) => {
      for (const { value } of text ? scanResource(text).references : []) {
        const [type, id] = value.split('/');
        if (!types.includes(type) || id === undefined) continue;
        const record = `${type}/${id}`;
        wanted.set(record, (wanted.get(record) ?? new Set()).add(found[index].owner));
      }
    });
    const names = [...wanted.keys()].sort().map((record) => record.split('/'));
    const { schema } = this.views.view('records', chain);
    const rows = await run<Omit<Place, 'chain' | 'source'>>(this.pool, versionsOf(schema), [
      source,
      textArray(names.map(([type]) => type)),
      textArray(names.map(([, id]) => id)),
      position,
    ]);
    const shared = await this.texts(chain, rows);
    rows.forEach((row, index) => {
      for (const owner of wanted.get(`${row.type}/${row.id}`)!) {
        found.push({ ...row, owner });
        texts.push(shared[index]);
      }
    });
  }

  private async texts(chain: number, rows: readonly { seq: number }[]): Promise<(Buffer | undefined)[]> {
    if (rows.length === 0) return [];
    const stored = await this.views.ledger.get(
      chain,
      rows.map(({ seq }) => seq),
    );
    const opened = await this.opener.open(stored.map((entry) => entry!));
    return opened.map(({ envelope, content }) => content && servedText(envelope, content.header, content.text));
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
      changed: this.tokensOf(source.name, id, types)
        .map((token) => changed.get(numberOf(token)) ?? -1)
        .reduce((last, one) => Math.max(last, one), Math.max(seq, shared.seq ?? -1)),
    }));
  }

  private tokensOf(source: string, patient: string, types: readonly string[]): Token[] {
    return types
      .filter((type) => !isShared(type))
      .flatMap((type) => CODES.map((code) => referenceToken(this.tokens, source, type, code, `Patient/${patient}`)));
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

/**
 * The records with one Patient: logic of CQL knows exactly one. Of a person's it is the first that can be read, by source
 * and id; what the others say of sex or birth is left out, their records are not.
 */
export function withOnePatient({ subject, places, texts }: SubjectRecords): SubjectRecords {
  const first = places.findIndex(({ type }) => type === 'Patient');
  const isKept = (index: number): boolean => index === first || places[index].type !== 'Patient';
  return {
    subject,
    places: places.filter((_, index) => isKept(index)),
    texts: texts.filter((_, index) => isKept(index)),
  };
}

/** Whether records of the type are in no patient's compartment, and so belong to whoever refers to them. */
export function isShared(type: string): boolean {
  return type !== 'Patient' && patientParameters(type).length === 0;
}

/** A token as PostgreSQL writes it. */
function numberOf(token: Token): string {
  return Buffer.from(token, 'latin1').readBigInt64BE().toString();
}
