import { BadRequestError, ChartledgerError } from '@chartledger/platform';
import { type Rulings } from '../online/rulings.js';
import { pairOf, type Pair, type PersonDecision, type RecordName, type Ruling } from '../persons/person-entries.js';
import { reassign, type PersonBefore, type PersonChange } from '../persons/reassign.js';
import { type OpenReview } from '../persons/standing-persons.js';
import { type StewardCommand } from './steward-command.js';

/** Rulings of one decision: what a steward can have looked at is far less. */
const MAX_RULINGS = 2_000;

/** What a steward decides on. */
export interface StewardState {
  /** Those named, those that hold the records named, and for an undo those of the entries; the absorbed ones too. */
  persons: PersonBefore[];
  rulings: Rulings;
  /** Pairs that wait and name a record of these persons. */
  reviews: OpenReview[];
  /** For an undo: the entries of the decision, with the person and the version of each. */
  undone?: { person: string; version: number; by: 'model' | 'steward'; decision: PersonDecision }[];
}

export interface StewardDecision {
  changes: PersonChange[];
  rule: Ruling[];
  unrule: Ruling[];
  closed: (OpenReview & { outcome: 'linked' | 'distinct' })[];
}

/** What was asked cannot be done on the persons as they are now. */
export class StewardConflict extends ChartledgerError {
  constructor(message: string) {
    super('conflict', 409, message);
  }
}

interface Intent {
  /** Whose each record is afterwards, of those that move. */
  moves: Map<RecordName, string>;
  rule: Ruling[];
  unrule: Ruling[];
  /** Persons that get a version though none of their records moves: the decision is a part of their story. */
  touched: string[];
}

/**
 * What a steward's decision changes, at once; the matcher goes on from there, under the rulings. Pure.
 * @param newId of a person that is born with this as its first record.
 * @throws BadRequestError for what makes no sense, StewardConflict for what does not fit the persons as they are.
 */
export function decideSteward(
  state: StewardState,
  command: StewardCommand,
  newId: (first: RecordName) => string,
): StewardDecision {
  const intent = intentOf(state, command, newId);
  const owners = new Map<RecordName, string>();
  for (const { id, state: kind, members } of state.persons) {
    if (kind === 'active') for (const name of members.keys()) owners.set(name, id);
  }
  for (const [name, owner] of intent.moves) owners.set(name, owner);
  const changes = reassign(state.persons, owners, (person) => ownerOfMost(person, owners));
  for (const id of intent.touched) {
    if (!changes.some((change) => change.id === id)) changes.push(untouched(activePerson(state, id), command.kind));
  }
  const rule = intent.rule.filter(({ pair, kind }) => state.rulings.on(pair)?.kind !== kind);
  const opposed = rule.flatMap(({ pair }) => state.rulings.on(pair) ?? []);
  const unrule = distinctPairs([...opposed, ...intent.unrule]);
  if (rule.length > MAX_RULINGS) {
    throw new BadRequestError(
      `the decision is on ${rule.length} pairs of records, more than ${MAX_RULINGS}: decide on a part of the records first`,
    );
  }
  return { changes, rule, unrule, closed: closedReviews(state, owners, rule) };
}

function intentOf(state: StewardState, command: StewardCommand, newId: (first: RecordName) => string): Intent {
  switch (command.kind) {
    case 'link':
      return link(state, command.person, command.record);
    case 'unlink':
      return unlink(state, command.person, command.record, newId);
    case 'merge':
      return merge(state, command.person, command.other);
    case 'split':
      return split(state, command.person, command.records, newId);
    case 'undo':
      return undo(state, newId);
  }
}

function link(state: StewardState, id: string, record: RecordName): Intent {
  const person = activePerson(state, id);
  const holder = holderOf(state, record);
  const others = namesOf(person).filter((name) => name !== record);
  const left = namesOf(holder).filter((name) => name !== record && !person.members.has(name));
  const target = left.length === 0 && holder !== person ? [person, holder].sort(byAge)[0] : person;
  const moves = new Map([...others, record].map((name) => [name, target.id]));
  return {
    moves,
    rule: others.map((name) => ({ pair: pairOf(record, name), kind: 'must' })),
    unrule: standing(state.rulings, [record], left, 'must'),
    touched: [id],
  };
}

function unlink(state: StewardState, id: string, record: RecordName, newId: (first: RecordName) => string): Intent {
  const person = activePerson(state, id);
  const holder = holderOf(state, record);
  const others = namesOf(person).filter((name) => name !== record);
  if (others.length === 0) throw new StewardConflict('the person has no other record: there is nothing to take apart');
  const rule = others.map((name): Ruling => ({ pair: pairOf(record, name), kind: 'cannot' }));
  const moves = holder === person ? new Map([[record, newId(record)]]) : new Map<RecordName, string>();
  return { moves, rule, unrule: [], touched: [id, holder.id] };
}

function merge(state: StewardState, id: string, otherId: string): Intent {
  if (id === otherId) throw new BadRequestError('a person cannot be merged with itself: name another one');
  const both = [activePerson(state, id), activePerson(state, otherId)];
  const names = both.flatMap(namesOf).sort();
  const [survivor] = [...both].sort(byAge);
  return { moves: new Map(names.map((name) => [name, survivor.id])), rule: everyPair(names), unrule: [], touched: [] };
}

function split(state: StewardState, id: string, records: RecordName[], newId: (first: RecordName) => string): Intent {
  const person = activePerson(state, id);
  const parted = [...new Set(records)].sort();
  const stranger = parted.find((name) => !person.members.has(name));
  if (stranger !== undefined) throw new StewardConflict('a record that is to be split off is not one of this person');
  const rest = namesOf(person).filter((name) => !parted.includes(name));
  if (parted.length === 0 || rest.length === 0) {
    throw new BadRequestError('a split names some of the records of a person, and not all of them');
  }
  const born = newId(parted[0]);
  return {
    moves: new Map(parted.map((name) => [name, born])),
    rule: crossPairs(parted, rest, 'cannot'),
    unrule: [],
    touched: [id],
  };
}

/**
 * Moves back what the decision moved and nobody has moved since. What a steward had ruled is ruled no more, and what that
 * had ended stands again; what the model decided is ruled to be otherwise.
 */
function undo(state: StewardState, newId: (first: RecordName) => string): Intent {
  const entries = state.undone!;
  const now = new Map<RecordName, string>();
  for (const { id, state: kind, members } of state.persons) {
    if (kind === 'active') for (const name of members.keys()) now.set(name, id);
  }
  const formerOf = new Map(entries.flatMap(({ person, decision }) => decision.removed.map((name) => [name, person])));
  const moves = new Map<RecordName, string>();
  for (const { person, version, decision } of entries) {
    const there = decision.added.filter((name) => now.get(name) === person).sort();
    const known = there.filter((name) => formerOf.has(name));
    for (const name of known) moves.set(name, formerOf.get(name)!);
    // What was nobody's before: of a person that was there already, it is one of its own; of one that was born with it and
    // others, each is.
    const fresh = there.filter((name) => !formerOf.has(name));
    for (const name of version === 1 && known.length === 0 ? fresh.slice(1) : fresh) moves.set(name, newId(name));
  }
  const bySteward = entries.some(({ by }) => by === 'steward');
  const made = entries.flatMap(({ decision }) => decision.rule ?? []);
  const ended = entries.flatMap(({ decision }) => decision.unrule ?? []);
  const unrule = made.filter(({ pair, kind }) => state.rulings.on(pair)?.kind === kind);
  const touched = [...new Set(entries.map(({ person }) => person))].filter((id) => [...now.values()].includes(id));
  if (moves.size === 0 && unrule.length === 0) {
    throw new StewardConflict('nothing of this decision stands any more, or it moved nothing: decide on what is now');
  }
  if (bySteward) {
    const restored = ended.filter(({ pair }) => {
      const ruling = state.rulings.on(pair);
      return ruling === undefined || unrule.some((one) => one.pair.join(' ') === pair.join(' '));
    });
    return { moves, rule: restored, unrule, touched };
  }
  return { moves, rule: opposite(now, moves), unrule, touched };
}

/** Those that were together and are not are two; those that come together are one. */
function opposite(now: ReadonlyMap<RecordName, string>, moves: ReadonlyMap<RecordName, string>): Ruling[] {
  const rulings: Ruling[] = [];
  const after = (name: RecordName): string | undefined => moves.get(name) ?? now.get(name);
  for (const moved of moves.keys()) {
    for (const other of now.keys()) {
      if (other === moved || (moves.has(other) && other < moved)) continue;
      const wereOne = now.get(moved) === now.get(other);
      const areOne = after(moved) === after(other);
      if (wereOne !== areOne) rulings.push({ pair: pairOf(moved, other), kind: areOne ? 'must' : 'cannot' });
    }
  }
  return rulings;
}

function activePerson({ persons }: StewardState, id: string): PersonBefore {
  const person = persons.find((one) => one.id === id);
  if (person?.state === 'active') return person;
  throw new StewardConflict(
    person
      ? 'the person was absorbed into another one or has no records any more: read it again and decide on what it is now'
      : 'there is no such person: persons come to be by matching',
  );
}

function holderOf({ persons }: StewardState, record: RecordName): PersonBefore {
  const holder = persons.find(({ state, members }) => state === 'active' && members.has(record));
  if (holder) return holder;
  throw new StewardConflict(
    'the record is of no person: there is no such Patient, or it was deleted, or not matched yet',
  );
}

/** A version that only says that something was decided. */
function untouched({ id, version, members }: PersonBefore, kind: StewardCommand['kind']): PersonChange {
  return {
    id,
    kind: kind === 'unlink' || kind === 'undo' ? 'person.unlink' : 'person.link',
    version,
    state: 'active',
    members: [...members.keys()].sort(),
    added: [],
    removed: [],
    from: [],
    to: [],
  };
}

/** A pair of one person that waits because its link is tentative waits on, unless it was ruled on or has come together now. */
function closedReviews(
  { reviews, persons }: StewardState,
  owners: ReadonlyMap<RecordName, string>,
  rule: readonly Ruling[],
): StewardDecision['closed'] {
  const ruledOne = new Set(rule.filter(({ kind }) => kind === 'must').map(({ pair }) => pair.join(' ')));
  const wereOne = (pair: Pair): boolean => persons.some(({ members }) => pair.every((name) => members.has(name)));
  const apart = new Set(
    rule
      .filter(({ kind }) => kind === 'cannot')
      .map(({ pair }) => pairOf(owners.get(pair[0]) ?? '', owners.get(pair[1]) ?? '').join(' ')),
  );
  return reviews.flatMap((review): StewardDecision['closed'] => {
    const [one, other] = review.pair.map((name) => owners.get(name));
    if (one === undefined || other === undefined) return [];
    if (one === other) {
      const isAnswered = ruledOne.has(review.pair.join(' ')) || !wereOne(review.pair);
      return isAnswered ? [{ ...review, outcome: 'linked' }] : [];
    }
    return apart.has(pairOf(one, other).join(' ')) ? [{ ...review, outcome: 'distinct' }] : [];
  });
}

function ownerOfMost({ members }: PersonBefore, owners: ReadonlyMap<RecordName, string>): string | undefined {
  const counts = new Map<string, number>();
  for (const name of members.keys()) {
    const owner = owners.get(name);
    if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0];
}

function standing(
  rulings: Rulings,
  left: readonly RecordName[],
  right: readonly RecordName[],
  kind: Ruling['kind'],
): Ruling[] {
  return crossPairs(left, right, kind).filter(({ pair }) => rulings.on(pair)?.kind === kind);
}

function everyPair(names: readonly RecordName[]): Ruling[] {
  return names.flatMap((one, at) =>
    names.slice(at + 1).map((other): Ruling => ({ pair: pairOf(one, other), kind: 'must' })),
  );
}

function crossPairs(left: readonly RecordName[], right: readonly RecordName[], kind: Ruling['kind']): Ruling[] {
  return left.flatMap((one) => right.map((other): Ruling => ({ pair: pairOf(one, other), kind })));
}

function distinctPairs(rulings: readonly Ruling[]): Ruling[] {
  const byPair = new Map<string, Ruling>();
  for (const { pair, kind } of rulings) byPair.set((pair as Pair).join(' '), { pair, kind });
  return [...byPair.values()];
}

function namesOf({ members }: PersonBefore): RecordName[] {
  return [...members.keys()].sort();
}

function byAge(a: PersonBefore, b: PersonBefore): number {
  return a.born - b.born || (a.id < b.id ? -1 : 1);
}
