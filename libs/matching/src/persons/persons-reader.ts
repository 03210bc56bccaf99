import { type Pool } from 'pg';
import { run, textArray } from '@chartledger/database';
import { formatPosition, SYSTEM_CHAIN, type EntryKind } from '@chartledger/ledger';
import { type Actor, NotFoundError } from '@chartledger/platform';
import { servedText, type EntryOpener, type Views } from '@chartledger/projection';
import { type Answer, resolveAsOf } from '@chartledger/records';
import { pairOf, recordName, type Pair, type PatientKey, type PersonDecision } from './person-entries.js';
import { type DecisionRow, type PersonRowState } from './persons.evolve.js';
import { PERSONS } from './persons.projection.js';
import {
  absorbedInto,
  decisionsOf,
  membersAt,
  personsAt,
  personOfRecord,
  personsOfRecords,
  reviewsAt,
  survivorAt,
} from './persons.queries.js';

/** A person, and the records that are its. */
export interface PersonState {
  id: string;
  version: number;
  /** Seq of the entry that made this version. */
  seq: number;
  state: PersonRowState;
  /** The person that it was absorbed into, and the one that it is in the end: itself where it was not. */
  into?: string;
  survivor: string;
  /** Ids that lead to it. */
  absorbed: string[];
  members: (PatientKey & { since: number })[];
}

/** A version of a Person, and the text that is served for it. */
export interface PersonVersion {
  id: string;
  version: number;
  kind: EntryKind;
  body: Buffer;
}

/** One entry of a person's story. */
export interface PersonEntry extends Omit<DecisionRow, 'seq' | 'time'> {
  position: string;
  /** FHIR instant. */
  time: string;
  /** Undefined when the entry's key was destroyed. */
  decision: PersonDecision | undefined;
  /** Position of the decision that took it back. */
  undone?: string;
}

export interface Review {
  task: string;
  version: number;
  seq: number;
  pair: Pair;
  score: number | undefined;
  status: string;
}

const NO_PERSON =
  'there is no such person: persons come to be by matching, see GET /fhir/{source}/Patient/{id}/$person';
const NO_MEMBER = 'the record is of no person: there is no such Patient, or it was deleted';

/** Reads who is whom, as of now or as of a position of the system's chain. */
export class PersonsReader {
  constructor(
    private readonly pool: Pool,
    private readonly views: Views,
    private readonly opener: EntryOpener,
  ) {}

  /** @throws NotFoundError when nobody had the id then. */
  async person(_actor: Actor, id: string, asOf?: string): Promise<Answer<PersonState>> {
    const { schema, position } = await this.standing(asOf);
    const values = [id, position];
    const [row] = await run<Omit<PersonState, 'into'> & { into: string | null }>(this.pool, personsAt(schema), [
      textArray([id]),
      position,
    ]);
    if (!row) throw new NotFoundError(NO_PERSON, formatPosition(SYSTEM_CHAIN, position));
    const [[survivor], absorbed, members] = await Promise.all([
      run<{ id: string }>(this.pool, survivorAt(schema), values),
      run<{ id: string }>(this.pool, absorbedInto(schema), values),
      run<PatientKey & { since: number }>(this.pool, membersAt(schema), [textArray([id]), position]),
    ]);
    const { version, seq, state, into } = row;
    const value: PersonState = {
      id,
      version,
      seq,
      state,
      ...(into === null ? {} : { into }),
      survivor: survivor.id,
      absorbed: absorbed.map((one) => one.id),
      members: members.map(({ source, patient, since }) => ({ source, patient, since })),
    };
    return { value, position };
  }

  /**
   * The id of the person whose record it was then. What was acknowledged but is not matched yet is not waited for: see
   * `Matched`. @throws NotFoundError when it was nobody's.
   */
  async personOf(actor: Actor, record: PatientKey, asOf?: string): Promise<Answer<string>> {
    const { value, position } = await this.personsOf(actor, [record], asOf);
    const person = value.get(recordName(record));
    if (person === undefined) throw new NotFoundError(NO_MEMBER, formatPosition(SYSTEM_CHAIN, position));
    return { value: person, position };
  }

  /** That person, as the entry of its version has it. @throws NotFoundError when it was nobody's. */
  async versionOf(_actor: Actor, { source, patient }: PatientKey, asOf?: string): Promise<Answer<PersonVersion>> {
    const { schema, position } = await this.standing(asOf);
    const [row] = await run<{ id: string; version: number; seq: number }>(this.pool, personOfRecord(schema), [
      source,
      patient,
      position,
    ]);
    if (!row) throw new NotFoundError(NO_MEMBER, formatPosition(SYSTEM_CHAIN, position));
    const stored = await this.views.ledger.get(SYSTEM_CHAIN, [row.seq]);
    const [{ envelope, content }] = await this.opener.open(stored.map((entry) => entry!));
    if (!content) throw new NotFoundError(NO_PERSON, formatPosition(SYSTEM_CHAIN, position));
    const body = servedText(envelope, content.header, content.text);
    return { value: { id: row.id, version: row.version, kind: envelope.kind, body }, position };
  }

  /** By the names of the records, those left out that were nobody's. */
  async personsOf(_actor: Actor, records: readonly PatientKey[], asOf?: string): Promise<Answer<Map<string, string>>> {
    const { schema, position } = await this.standing(asOf);
    const rows = await run<PatientKey & { person: string }>(this.pool, personsOfRecords(schema), [
      textArray(records.map(({ source }) => source)),
      textArray(records.map(({ patient }) => patient)),
      position,
    ]);
    return { value: new Map(rows.map((row) => [recordName(row), row.person])), position };
  }

  /** Every entry of a person, oldest first; of an absorbed one too. @throws NotFoundError when nobody had the id then. */
  async story(_actor: Actor, id: string, asOf?: string): Promise<Answer<PersonEntry[]>> {
    const { schema, position } = await this.standing(asOf);
    const rows = await run<StoryRow>(this.pool, decisionsOf(schema), [id, position]);
    if (rows.length === 0) throw new NotFoundError(NO_PERSON, formatPosition(SYSTEM_CHAIN, position));
    const stored = await this.views.ledger.get(
      SYSTEM_CHAIN,
      rows.map((row) => row.seq),
    );
    const opened = await this.opener.open(stored.map((entry) => entry!));
    const value = rows.map(({ seq, time, undone, version, kind, by, actor, submission, part, parts }, index) => ({
      position: formatPosition(SYSTEM_CHAIN, seq),
      version,
      kind,
      by,
      actor,
      time: new Date(time).toISOString(),
      submission,
      part,
      parts,
      decision: opened[index].content?.header.decision as PersonDecision | undefined,
      ...(undone === null ? {} : { undone: formatPosition(SYSTEM_CHAIN, undone) }),
    }));
    return { value, position };
  }

  /** Pairs that wait for a steward (or, by their Task's status, that waited), the oldest first. */
  async reviews(
    _actor: Actor,
    page: { status?: string; count: number; afterSeq?: number; asOf?: string },
  ): Promise<Answer<Review[]>> {
    const { schema, position } = await this.standing(page.asOf);
    const rows = await run<ReviewRow>(this.pool, reviewsAt(schema), [
      page.status ?? 'requested',
      position,
      page.afterSeq ?? -1,
      page.count,
    ]);
    const value = rows.map(({ task, version, seq, score, status, ...pair }) => ({
      task,
      version,
      seq,
      pair: pairOf(
        recordName({ source: pair.left_source, patient: pair.left_patient }),
        recordName({ source: pair.right_source, patient: pair.right_patient }),
      ),
      score: score ?? undefined,
      status,
    }));
    return { value, position };
  }

  /** The position that an answer stands on, and the tables to read at it. */
  async standing(asOf?: string): Promise<{ schema: string; position: number }> {
    const { schema, applied } = await this.views.upToDate(PERSONS, SYSTEM_CHAIN);
    const position = asOf === undefined ? applied : await resolveAsOf(this.views.ledger, SYSTEM_CHAIN, asOf, applied);
    return { schema, position };
  }
}

interface StoryRow extends DecisionRow {
  undone: number | null;
}

interface ReviewRow {
  task: string;
  version: number;
  seq: number;
  left_source: string;
  left_patient: string;
  right_source: string;
  right_patient: string;
  score: number | null;
  status: string;
}
