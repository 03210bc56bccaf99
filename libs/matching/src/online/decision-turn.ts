import { formatPosition, parsePositions, SYSTEM_CHAIN } from '@chartledger/ledger';
import { FhirError } from '@chartledger/platform';
import { systemSubmission, type Outcome, type Submission, type SystemChange } from '@chartledger/sequence';
import { type Progress, type RecordName } from '../persons/person-entries.js';
import { PERSONS } from '../persons/persons.projection.js';
import { rulingsAt, type Standing } from '../persons/standing-persons.js';
import { closureOf, type Closure } from './closure.js';
import { basisOf, fenceEntry } from './decision-entries.js';
import { type DecisionIds } from './decision-ids.js';
import { standingNow, type Known, type KnownContext } from './known-state.js';
import { decideUnit, unitsOf } from './model-decision.js';
import { neighbourhoods } from './neighbourhood.js';
import { pauses } from './patient-follower.js';
import { Rulings } from './rulings.js';
import { unitEntries } from './unit-entries.js';

/** Records of one transaction while a new model is adopted: most of them have a neighbourhood that is decided with them. */
const ADOPTED_AT_ONCE = 500;

export const MATCHER = { client: 'matcher' };

export interface DecisionContext extends KnownContext {
  ids: DecisionIds;
  submit: (submission: Submission) => Promise<Outcome>;
  /** Records that are decided on at once while a model is adopted; ADOPTED_AT_ONCE unless said otherwise. */
  maxBatch?: number;
}

/**
 * One decision on all that changed: a transaction of the system's source, on the state that it was made on, or nothing of
 * it. Where somebody else was first, what changed stays in `known`.
 */
export async function decideOnce(context: DecisionContext, known: Known): Promise<void> {
  const { pool, ids, submit } = context;
  const standing = await standingAfter(context, known.decision);
  known.decision = undefined;
  known.adopted = standing.model;
  await takeInDecisions(context, known, standing);
  if (known.changed.size === 0 && !known.adopting?.groups) return;
  const { index, positions } = known.patients;
  const closure = await closureOf(pool, standing, index, known.rulings, known.changed, newcomers(known, standing));
  const basis = basisOf(standing, positions);
  const id = ids.submission(standing.fence?.version ?? 0, basis, index.model.version);
  const changes = await changesOf(ids, known, closure, basis, id);
  const progress = progressOf(known, basis, id);
  const outcome = await submit(
    systemSubmission({ actor: MATCHER, id, requestId: id, changes: [...changes, fenceEntry(standing, progress)] }),
  ).catch((error: Error) => error);
  if (outcome instanceof FhirError && outcome.status === 412) return; // Somebody was first: once more, on what is now.
  if (outcome instanceof Error) throw outcome;
  known.fence = outcome.seq;
  known.decision = {
    fence: { version: (standing.fence?.version ?? 0) + 1, seq: outcome.seq, progress },
    model: standing.model,
  };
  known.preparing?.touch(known.changed);
  known.preparing?.touch(closure.names);
  for (const { members } of closure.persons) known.preparing?.touch(members.keys());
  known.changed.clear();
  known.first.clear();
  if (known.adopting?.groups?.length === 0) known.adopting = undefined;
}

/**
 * The state after a decision of its own, as if nobody else had decided since: if somebody has, what is decided on it is
 * refused by the fence.
 */
async function standingAfter(context: DecisionContext, decision: Known['decision']): Promise<Standing> {
  if (!decision) return standingNow(context);
  const { schema, applied } = await context.views.upToDate(PERSONS, SYSTEM_CHAIN);
  return { ...decision, schema, position: applied };
}

/** Records of which the standing knows nothing, since its last decision was made before their first version. */
function newcomers({ first }: Known, { fence }: Standing): Set<RecordName> {
  const matched = parsePositions(fence?.progress.matched ?? '') ?? new Map<number, number>();
  const names = new Set<RecordName>();
  for (const [name, { chain, seq }] of first) if (seq > (matched.get(chain) ?? -1)) names.add(name);
  return names;
}

/** What stewards have ruled since; and of a model that is being adopted, the next records. */
async function takeInDecisions(
  { pool, maxBatch = ADOPTED_AT_ONCE }: DecisionContext,
  known: Known,
  standing: Standing,
): Promise<void> {
  const fence = standing.fence?.seq ?? -1;
  if (fence !== known.fence) {
    const rulings = new Rulings(await rulingsAt(pool, standing.schema, standing.position));
    for (const name of known.rulings.difference(rulings)) known.changed.add(name);
    known.rulings = rulings;
    known.fence = fence;
  }
  const { adopting } = known;
  for (let taken = 0; adopting?.groups?.length && taken < maxBatch;) {
    const group = adopting.groups.shift()!;
    for (const name of group) known.changed.add(name);
    taken += group.length;
    adopting.done += group.length;
  }
}

async function changesOf(
  ids: DecisionIds,
  { model, patients: { index }, rulings }: Known,
  { names, persons, reviews }: Closure,
  basis: string,
  submission: string,
): Promise<SystemChange[]> {
  const pause = pauses();
  const units = unitsOf(neighbourhoods(index, rulings, names), persons, reviews);
  const modelAt = model === undefined ? undefined : formatPosition(SYSTEM_CHAIN, model);
  const newId = (first: RecordName): string => ids.person(submission, first, index.record(index.row(first)!).time);
  const changes: SystemChange[] = [];
  for (const unit of units) {
    changes.push(...unitEntries(decideUnit(index, unit, modelAt, newId), basis, changes.length, ids));
    await pause();
  }
  return changes;
}

function progressOf({ model, adopting }: Known, matched: string, submission: string): Progress {
  const at = model === undefined ? undefined : formatPosition(SYSTEM_CHAIN, model);
  if (at !== undefined && adopting && adopting.groups?.length !== 0) {
    const { done, total, since } = adopting;
    return { matched, adopting: { model: at, done, total, since }, submission };
  }
  return { matched, ...(at === undefined ? {} : { model: at }), submission };
}
