import { parsePosition, parsePositions } from '@chartledger/ledger';
import { type ProjectedEntry } from '@chartledger/projection';
import {
  type PersonDecision,
  type Progress,
  type RecordName,
  type ReviewDecision,
  type Ruling,
} from './person-entries.js';
import { progressOf } from './person-resources.js';

/** A person as it is after the entries so far. */
export interface StandingPerson {
  version: number;
  born: number;
  /** Its records, each with the seq since when. */
  members: Map<RecordName, number>;
}

export type PersonRowState = 'active' | 'absorbed' | 'empty';

/** What is kept of an entry that decided something on a person; the rest is read from the ledger. */
export interface DecisionRow {
  seq: number;
  version: number;
  kind: string;
  by: 'model' | 'steward';
  actor: string;
  /** In ms since the epoch. */
  time: number;
  submission: string;
  part: number;
  parts: number;
}

/** The rows that a batch of entries adds, and the ends of rows that were open before it. */
export interface PersonRows {
  persons: {
    id: string;
    version: number;
    seq: number;
    from: number;
    to?: number;
    state: PersonRowState;
    into?: string;
    born: number;
  }[];
  endedPersons: { id: string; version: number; to: number }[];
  members: { name: RecordName; person: string; from: number; to?: number }[];
  endedMembers: { name: RecordName; from: number; to: number }[];
  decisions: (DecisionRow & { person: string; undoes?: number })[];
  rulings: (Ruling & { decided: number; from: number; to?: number })[];
  endedRulings: { pair: Ruling['pair']; to: number }[];
  reviews: {
    task: string;
    version: number;
    seq: number;
    from: number;
    to?: number;
    pair: Ruling['pair'];
    score?: number;
    status: string;
  }[];
  endedReviews: { task: string; version: number; to: number }[];
  models: { seq: number; version: string }[];
  /** The last one. */
  fence?: { version: number; seq: number; progress: Progress };
  progress: Map<number, number>;
}

interface PersonText {
  active?: boolean;
  link?: { target?: { reference?: string } }[];
}

/** The ids of the persons whose standing `evolvePersons` asks for. */
export function personsOf(entries: readonly ProjectedEntry[]): string[] {
  const ids = new Set<string>();
  for (const { envelope, id } of entries) {
    if (envelope.type === 'Person' && envelope.version > 1 && id !== undefined) ids.add(id);
  }
  return [...ids];
}

/**
 * What a batch of entries of the system's chain, in order, adds to the view. Pure but for `standing`, which holds the
 * persons of `personsOf` as they were before the batch, and is brought up to date.
 */
export function evolvePersons(entries: readonly ProjectedEntry[], standing: Map<string, StandingPerson>): PersonRows {
  const evolution = new Evolution(standing);
  for (const entry of entries) evolution.take(entry);
  return evolution.rows;
}

class Evolution {
  readonly rows: PersonRows = {
    persons: [],
    endedPersons: [],
    members: [],
    endedMembers: [],
    decisions: [],
    rulings: [],
    endedRulings: [],
    reviews: [],
    endedReviews: [],
    models: [],
    progress: new Map(),
  };
  /** Rows of this batch that are open. */
  private readonly persons = new Map<string, PersonRows['persons'][number]>();
  private readonly members = new Map<string, PersonRows['members'][number]>();
  private readonly rulings = new Map<string, PersonRows['rulings'][number]>();
  private readonly reviews = new Map<string, PersonRows['reviews'][number]>();

  constructor(private readonly standing: Map<string, StandingPerson>) {}

  take(entry: ProjectedEntry): void {
    const { envelope, id, text } = entry;
    if (id === undefined || text === undefined) return;
    const resource = (): unknown => JSON.parse(text.toString('utf8'));
    if (envelope.type === 'Person') this.person(entry, id, resource() as PersonText);
    else if (envelope.kind === 'person.review') this.review(entry, id, resource() as { status: string });
    else if (envelope.kind === 'match.model') this.model(entry.seq, resource() as { version?: string });
    else if (envelope.kind === 'match.progress') this.fence(entry, progressOf(resource()));
  }

  private person(entry: ProjectedEntry, id: string, { active, link = [] }: PersonText): void {
    const { seq, envelope } = entry;
    const { version } = envelope;
    const from = effectOf(entry);
    const targets = link.flatMap(({ target }) => target?.reference ?? []);
    const into = targets.find((target) => target.startsWith('Person/'))?.slice('Person/'.length);
    const names = targets.filter((target) => !target.startsWith('Person/'));
    const before = this.standing.get(id) ?? { version: 0, born: seq, members: new Map<RecordName, number>() };
    const state = into !== undefined ? 'absorbed' : active === false ? 'empty' : 'active';

    const former = this.persons.get(id);
    if (former) former.to = from;
    else if (version > 1) this.rows.endedPersons.push({ id, version: version - 1, to: from });
    const row = { id, version, seq, from, state, born: before.born, ...(into === undefined ? {} : { into }) } as const;
    this.rows.persons.push({ ...row });
    this.persons.set(id, this.rows.persons[this.rows.persons.length - 1]);

    const members = new Map<RecordName, number>();
    for (const name of names) {
      const since = before.members.get(name);
      if (since === undefined) this.join(id, name, from);
      members.set(name, since ?? from);
    }
    for (const [name, since] of before.members) if (!members.has(name)) this.leave(id, name, since, from);
    this.standing.set(id, { version, born: before.born, members });
    if (entry.decision) this.decision(entry, id, entry.decision as PersonDecision, from);
  }

  private join(person: string, name: RecordName, from: number): void {
    const row = { name, person, from };
    this.rows.members.push(row);
    this.members.set(`${person} ${name}`, row);
  }

  private leave(person: string, name: RecordName, since: number, to: number): void {
    const key = `${person} ${name}`;
    const own = this.members.get(key);
    if (own) {
      own.to = to;
      this.members.delete(key);
    } else {
      this.rows.endedMembers.push({ name, from: since, to });
    }
  }

  private decision({ seq, time, envelope }: ProjectedEntry, id: string, said: PersonDecision, from: number): void {
    const { version, kind, actor, submission, part, parts } = envelope;
    const undoes = said.steward?.undoes === undefined ? undefined : parsePosition(said.steward.undoes)?.seq;
    this.rows.decisions.push({
      seq,
      person: id,
      version,
      kind,
      by: said.steward ? 'steward' : 'model',
      actor,
      time,
      submission,
      part,
      parts,
      ...(undoes === undefined ? {} : { undoes }),
    });
    for (const { pair } of said.unrule ?? []) this.endRuling(pair, from);
    for (const ruling of said.rule ?? []) {
      const row = { ...ruling, decided: seq, from };
      this.rows.rulings.push(row);
      this.rulings.set(ruling.pair.join(' '), row);
    }
  }

  private endRuling(pair: Ruling['pair'], to: number): void {
    const key = pair.join(' ');
    const own = this.rulings.get(key);
    if (own) own.to = to;
    else this.rows.endedRulings.push({ pair, to });
    this.rulings.delete(key);
  }

  private review(entry: ProjectedEntry, task: string, { status }: { status: string }): void {
    const { version } = entry.envelope;
    const { pair, score } = entry.decision as ReviewDecision;
    const from = effectOf(entry);
    const former = this.reviews.get(task);
    if (former) former.to = from;
    else if (version > 1) this.rows.endedReviews.push({ task, version: version - 1, to: from });
    const row = { task, version, seq: entry.seq, from, pair, status, ...(score === undefined ? {} : { score }) };
    this.rows.reviews.push(row);
    this.reviews.set(task, row);
  }

  private model(seq: number, { version = '' }: { version?: string }): void {
    this.rows.models.push({ seq, version });
  }

  private fence({ seq, envelope }: ProjectedEntry, progress: Progress): void {
    this.rows.fence = { version: envelope.version, seq, progress };
    for (const [chain, matched] of parsePositions(progress.matched) ?? []) this.rows.progress.set(chain, matched);
  }
}

/** The entries of a submission take effect together: at the seq of its last one. */
function effectOf({ seq, envelope }: ProjectedEntry): number {
  return seq - envelope.part + envelope.parts - 1;
}
