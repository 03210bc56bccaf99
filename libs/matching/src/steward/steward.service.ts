import { type Pool } from 'pg';
import { formatPosition, parsePosition, parsePositions, SYSTEM_CHAIN } from '@chartledger/ledger';
import { FhirError, UnavailableError, type Actor } from '@chartledger/platform';
import { type EntryOpener, type Views } from '@chartledger/projection';
import { systemSubmission, type Outcome, type Submission, type SystemChange } from '@chartledger/sequence';
import { basisOf, fenceEntry, personEntry, reviewEntry } from '../online/decision-entries.js';
import { type DecisionIds } from '../online/decision-ids.js';
import { type DecisionLock } from '../online/decision-lock.js';
import { Rulings } from '../online/rulings.js';
import { type PersonDecision, type RecordName, type StewardEvidence } from '../persons/person-entries.js';
import { PERSONS } from '../persons/persons.projection.js';
import {
  decisionEntries,
  openReviews,
  personsById,
  personsWith,
  readStanding,
  rulingsAt,
  type Standing,
} from '../persons/standing-persons.js';
import { type PersonBefore } from '../persons/reassign.js';
import { type StewardCommand, type StewardOutcome } from './steward-command.js';
import { decideSteward, StewardConflict, type StewardDecision, type StewardState } from './steward-decision.js';

/** The matcher is faster than any steward; with the lock a second try is rare. */
const MAX_TRIES = 8;

export interface StewardContext {
  pool: Pool;
  views: Views;
  opener: EntryOpener;
  ids: DecisionIds;
  lock: DecisionLock;
  submit: (submission: Submission) => Promise<Outcome>;
}

/** Decisions of people on who is whom: recorded as the matcher's are, and never overruled by it. */
export class StewardService {
  constructor(private readonly context: StewardContext) {}

  /**
   * Resolves when the decision is durable. @throws BadRequestError for what makes no sense, StewardConflict (409) for what
   * does not fit the persons as they are, UnavailableError.
   */
  async decide(actor: Actor, command: StewardCommand): Promise<StewardOutcome> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const outcome = await this.context.lock.run(() => this.tryOnce(actor, command));
      if (outcome) return outcome;
    }
    throw new UnavailableError('others decide on persons all the time: send the decision again');
  }

  /** Undefined: somebody else decided first, on the same state. */
  private async tryOnce(actor: Actor, command: StewardCommand): Promise<StewardOutcome | undefined> {
    const { pool, views, ids, submit } = this.context;
    const { schema, applied } = await views.upToDate(PERSONS, SYSTEM_CHAIN);
    const standing = await readStanding(pool, schema, applied);
    const progress = standing.fence?.progress;
    const basis = basisOf(standing, parsePositions(progress?.matched ?? '') ?? new Map<number, number>());
    const submission = ids.submission(standing.fence?.version ?? 0, basis, JSON.stringify([actor.client, command]));
    const now = Date.now();
    const decision = decideSteward(await this.stateOf(standing, command), command, (first) =>
      ids.person(submission, first, now),
    );
    const changes = [
      ...stewardEntries(decision, basis, command),
      fenceEntry(standing, { ...progress, matched: progress?.matched ?? '', submission }),
    ];
    try {
      const { seq } = await submit(systemSubmission({ actor, id: submission, requestId: submission, changes }));
      return outcomeOf(decision, formatPosition(SYSTEM_CHAIN, seq));
    } catch (error) {
      if (error instanceof FhirError && error.status === 412) return undefined;
      throw error;
    }
  }

  private async stateOf(standing: Standing, command: StewardCommand): Promise<StewardState> {
    const { pool } = this.context;
    const undone = command.kind === 'undo' ? await this.entriesOf(standing, command.decision) : undefined;
    const ids = new Set<string>();
    const names = new Set<RecordName>();
    if ('person' in command) ids.add(command.person);
    if (command.kind === 'merge') ids.add(command.other);
    if ('record' in command) names.add(command.record);
    for (const { person, decision } of undone ?? []) {
      for (const id of [person, ...decision.from, ...decision.to]) ids.add(id);
      for (const name of [...decision.added, ...decision.removed]) names.add(name);
    }
    const [byId, holders, rulings] = await Promise.all([
      personsById(pool, standing, [...ids]),
      personsWith(pool, standing, [...names]),
      rulingsAt(pool, standing.schema, standing.position),
    ]);
    const persons = new Map<string, PersonBefore>([...holders, ...byId].map((person) => [person.id, person]));
    const members = [...persons.values()].flatMap((person) => [...person.members.keys()]);
    const reviews = await openReviews(pool, standing, members);
    const state = { persons: [...persons.values()], rulings: new Rulings(rulings), reviews };
    return undone ? { ...state, undone } : state;
  }

  /** The entries of one decision: those of a steward's submission; of the matcher's, those with the same evidence. */
  private async entriesOf(standing: Standing, position: string): Promise<NonNullable<StewardState['undone']>> {
    const { pool, views, opener } = this.context;
    const seq = parsePosition(position)!.seq;
    const rows = await decisionEntries(pool, standing, seq);
    const at = rows.findIndex((row) => row.seq === seq);
    if (at === -1)
      throw new StewardConflict('there is no decision on a person at this position: see GET /persons/{id}/decisions');
    const stored = await views.ledger.get(
      SYSTEM_CHAIN,
      rows.map((row) => row.seq),
    );
    const opened = await opener.open(stored.map((entry) => entry!));
    const entries = rows.flatMap((row, index) => {
      const decision = opened[index].content?.header.decision as PersonDecision | undefined;
      return decision ? [{ ...row, decision }] : [];
    });
    const evidencePart = ({ part, decision }: (typeof entries)[number]): number => decision.evidenceAt ?? part;
    const asked = entries.find((entry) => entry.seq === seq);
    if (!asked) throw new StewardConflict('what was decided there is not readable any more: its key was destroyed');
    if (asked.by === 'steward') return entries;
    return entries.filter((entry) => evidencePart(entry) === evidencePart(asked));
  }
}

function stewardEntries(
  { changes, rule, unrule, closed }: StewardDecision,
  basis: string,
  command: StewardCommand,
): SystemChange[] {
  const { kind, reason } = command;
  const steward: StewardEvidence = { kind, reason, ...(command.kind === 'undo' ? { undoes: command.decision } : {}) };
  return [
    ...changes.map((change, at) => {
      const { added, removed, from, to } = change;
      const ruled = at === 0 ? { rule, unrule } : {};
      return personEntry(change, { basis, added, removed, from, to, steward, ...ruled }, () => 'level4');
    }),
    ...closed.map(({ task, pair, outcome }) => reviewEntry(task, pair, 'completed', { basis, pair, outcome, steward })),
  ];
}

function outcomeOf({ changes }: StewardDecision, position: string): StewardOutcome {
  return {
    position,
    persons: changes.map(({ id, version = 0, state, into, members }) => ({
      id,
      version: version + 1,
      state,
      ...(into === undefined ? {} : { into }),
      members,
    })),
  };
}
