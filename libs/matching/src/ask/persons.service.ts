import { type Pool } from 'pg';
import { run } from '@chartledger/database';
import { formatPosition, parsePosition, SYSTEM_CHAIN } from '@chartledger/ledger';
import { type Actor, NotFoundError } from '@chartledger/platform';
import { type EntryOpener, type Views } from '@chartledger/projection';
import { type RecordReader, type SourceDirectory, type Standpoint } from '@chartledger/records';
import { type Demographics } from '@chartledger/projection';
import { personFieldsOf } from '../fields/person-fields-of.js';
import {
  type ModelEvidence,
  pairOf,
  patientKey,
  type PersonDecision,
  recordName,
  type RecordName,
} from '../persons/person-entries.js';
import { type PersonEntry, type PersonsReader, type PersonState } from '../persons/persons-reader.js';
import { type PersonFields } from '../engine/person-fields.js';
import { PERSONS } from '../persons/persons.projection.js';
import { rulingOn } from './asking.queries.js';
import { type ModelsInForce } from './model-in-force.js';
import { systemPosition } from './person-operations.js';
import { storyOf, type ToldEntry } from './story.js';
import { inWords, type Waterfall, waterfallOf } from './waterfall.js';

/** Something that is answered, and the positions that it stands on. */
export interface Positioned<T> {
  value: T;
  position: string;
}

/** `GET /persons/{id}`. */
export interface PersonAnswer extends Pick<PersonState, 'id' | 'version' | 'state' | 'into' | 'survivor' | 'absorbed'> {
  /** Since when: the position of the decision. */
  members: { record: RecordName; since: string }[];
}

/** `GET /persons/{id}/decisions`. */
export interface StoryAnswer extends Pick<PersonState, 'id' | 'state' | 'survivor' | 'absorbed'> {
  decisions: ToldEntry[];
}

/** `GET /persons/waterfall`. */
export interface WaterfallAnswer extends Waterfall {
  left: RecordName;
  right: RecordName;
  /** Whose they are; absent for a record that was not matched then. */
  persons: { left?: string; right?: string };
  /** What a steward has ruled on the two, above any weight: one person (`must`) or not; and where that was decided. */
  ruling?: { kind: 'must' | 'cannot'; decision: string };
  model: string;
  words: string;
}

/** Who is whom and why, for stewards and auditors. */
export class PersonsService {
  constructor(
    private readonly pool: Pool,
    private readonly persons: PersonsReader,
    private readonly reader: RecordReader,
    private readonly sources: SourceDirectory,
    private readonly views: Views,
    private readonly opener: EntryOpener,
    private readonly models: Pick<ModelsInForce, 'engine'>,
  ) {}

  /** @throws NotFoundError when nobody had the id then. */
  async person(actor: Actor, id: string, asOf?: string): Promise<Positioned<PersonAnswer>> {
    const { value, position } = await this.persons.person(actor, id, asOf);
    const { version, state, into, survivor, absorbed, members } = value;
    return {
      value: {
        id,
        version,
        state,
        ...(into === undefined ? {} : { into }),
        survivor,
        absorbed,
        members: members.map(({ since, ...key }) => ({
          record: recordName(key),
          since: formatPosition(SYSTEM_CHAIN, since),
        })),
      },
      position: formatPosition(SYSTEM_CHAIN, position),
    };
  }

  /** All that was decided on the person and on those that became it, the oldest first. @throws NotFoundError. */
  async story(actor: Actor, id: string, asOf?: string): Promise<Positioned<StoryAnswer>> {
    const { value, position } = await this.persons.person(actor, id, asOf);
    const at = formatPosition(SYSTEM_CHAIN, position);
    const stories = await Promise.all(
      [id, ...value.absorbed].map(async (person) => ({
        person,
        entries: (await this.persons.story(actor, person, at)).value,
      })),
    );
    const evidences = await this.evidences(stories.flatMap(({ entries }) => entries));
    const { state, survivor, absorbed } = value;
    return { value: { id, state, survivor, absorbed, decisions: storyOf(stories, evidences) }, position: at };
  }

  /** Why two records are, or are not, of one person by the model of that moment. @throws NotFoundError, GoneError. */
  async waterfall(
    actor: Actor,
    left: RecordName,
    right: RecordName,
    asOf?: string,
  ): Promise<Positioned<WaterfallAnswer>> {
    const standpoint = this.reader.standpoint(asOf);
    const fields = (name: RecordName): Promise<PersonFields> => this.fieldsOf(actor, name, standpoint);
    const [one, other] = [await fields(left), await fields(right)];
    const at = parsePosition(await systemPosition(standpoint))!.seq;
    const engine = await this.models.engine(at);
    const explanation = engine.explain(engine.prepare(one), engine.prepare(other));
    const waterfall = waterfallOf(explanation, engine.model.thresholds);
    const [persons, ruling] = await Promise.all([
      this.persons.personsOf(actor, [patientKey(left), patientKey(right)], formatPosition(SYSTEM_CHAIN, at)),
      this.rulingOn(left, right, standpoint),
    ]);
    const value: WaterfallAnswer = {
      left,
      right,
      persons: { left: persons.value.get(left), right: persons.value.get(right) },
      ...(ruling ? { ruling } : {}),
      model: engine.model.version,
      ...waterfall,
      words: `${inWords(waterfall)}${ruling ? ` ${RULED[ruling.kind]} (${ruling.decision}).` : ''}`,
    };
    return { value, position: await standpoint.positions() };
  }

  private async rulingOn(
    left: RecordName,
    right: RecordName,
    standpoint: Standpoint,
  ): Promise<WaterfallAnswer['ruling']> {
    const { schema, position } = await standpoint.in(PERSONS, SYSTEM_CHAIN);
    const [one, other] = pairOf(left, right).map(patientKey);
    const values = [one.source, one.patient, other.source, other.patient, position];
    const [row] = await run<{ kind: 'must' | 'cannot'; decided: number }>(this.pool, rulingOn(schema), values);
    return row && { kind: row.kind, decision: formatPosition(SYSTEM_CHAIN, row.decided) };
  }

  private async fieldsOf(actor: Actor, name: RecordName, standpoint: Standpoint): Promise<PersonFields> {
    const { source: sourceName, patient: id } = patientKey(name);
    const source = await this.sources.get(sourceName);
    const position = await standpoint.on(source.chain);
    const { value } = await this.reader.read(actor, { source, type: 'Patient', id }, position);
    if (!value.body) throw new NotFoundError(KEY_DESTROYED);
    return personFieldsOf(JSON.parse(value.body.toString('utf8')) as Demographics, sourceName);
  }

  /** What the model said, for entries that name the entry of their submission which has it. */
  private async evidences(entries: readonly PersonEntry[]): Promise<Map<PersonEntry, ModelEvidence>> {
    const seqs = new Map<PersonEntry, number>();
    for (const entry of entries) {
      const { evidence, evidenceAt } = entry.decision ?? {};
      if (evidence !== undefined || evidenceAt === undefined) continue;
      seqs.set(entry, parsePosition(entry.position)!.seq - entry.part + evidenceAt);
    }
    const wanted = [...new Set(seqs.values())];
    const stored = await this.views.ledger.get(SYSTEM_CHAIN, wanted);
    const opened = await this.opener.open(stored.map((entry) => entry!));
    const bySeq = new Map(
      wanted.map((seq, index) => [
        seq,
        (opened[index].content?.header.decision as PersonDecision | undefined)?.evidence,
      ]),
    );
    const found = new Map<PersonEntry, ModelEvidence>();
    for (const [entry, seq] of seqs) {
      const evidence = bySeq.get(seq);
      if (evidence) found.set(entry, evidence);
    }
    return found;
  }
}

const RULED = {
  must: 'A steward has ruled that they are one person',
  cannot: 'A steward has ruled that they are two people',
} as const;

const KEY_DESTROYED = 'the data key of the record was destroyed: what it said cannot be compared any more';
