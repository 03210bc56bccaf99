import { type Pool } from 'pg';
import { formatPosition, parsePosition, parsePositions, SYSTEM_CHAIN, type Ledger } from '@chartledger/ledger';
import { NotFoundError } from '@chartledger/platform';
import { readDemographics, servedText, type EntryOpener, type OpenedEntry } from '@chartledger/projection';
import { type SystemChange } from '@chartledger/sequence';
import { DEFAULT_MODEL } from '../engine/default-model.js';
import { type Model } from '../engine/model.js';
import { personFieldsOf } from '../fields/person-fields-of.js';
import {
  patientKey,
  type ModelEvidence,
  type PersonDecision,
  type RecordName,
  type ReviewDecision,
} from '../persons/person-entries.js';
import { closureOf } from './closure.js';
import { type DecisionIds } from './decision-ids.js';
import { decideUnit, unitsOf } from './model-decision.js';
import { neighbourhoods } from './neighbourhood.js';
import { RecordIndex } from './record-index.js';
import { Rulings } from './rulings.js';
import { unitEntries } from './unit-entries.js';

export interface ReplayContext {
  pool: Pool;
  ledger: Ledger;
  opener: EntryOpener;
  ids: DecisionIds;
  modelAt: (seq: number) => Promise<Model>;
  /** The schema of the view of persons, which MUST have the decision's basis. */
  persons: string;
}

export interface Replay {
  /** Of the entry that was asked for, and of its decision's first. */
  position: string;
  first: string;
  by: 'model' | 'steward';
  model?: string;
  records: number;
  entries: number;
  /** Whether it comes out the same, bit for bit. A steward's decision is not made again: it is as it is. */
  isSame: boolean;
  /** What does not: `position: resource` or `position: decision`. */
  differences: string[];
}

/**
 * Makes a decision of the matcher again, from the ledger alone: the versions that it compared, the model, the rulings that
 * were in force, and who was whom at its basis. How many candidates there were is taken as recorded: it stands on all
 * records.
 * @throws NotFoundError when the position is of no decision; Error when a version it stands on is not readable any more.
 */
export async function replayDecision(context: ReplayContext, position: string): Promise<Replay> {
  const { ledger, opener } = context;
  const asked = parsePosition(position);
  const [stored] = asked?.chain === SYSTEM_CHAIN ? await ledger.get(SYSTEM_CHAIN, [asked.seq]) : [];
  if (!stored) throw new NotFoundError(`${position} is no position of the system's chain: see /persons/{id}/decisions`);
  const [entry] = await opener.open([stored]);
  if (!entry.envelope.kind.startsWith('person.')) {
    throw new NotFoundError(
      `${position} is ${entry.envelope.kind}, no decision on a person: see /persons/{id}/decisions`,
    );
  }
  const said = decisionOf(entry);
  const base = { position, records: 0, isSame: true, differences: [] };
  if (said.steward) return { ...base, first: position, by: 'steward', entries: 1 };
  const { unit, others } = await unitOf(context, entry);
  const evidence = decisionOf(unit[0]).evidence!;
  const again = await decideAgain(context, unit, evidence, others);
  const differences = differencesOf(unit, again);
  return {
    ...base,
    first: formatPosition(SYSTEM_CHAIN, unit[0].stored.seq),
    by: 'model',
    model: evidence.model,
    records: evidence.records.length,
    entries: unit.length,
    isSame: differences.length === 0,
    differences,
  };
}

/** The entries of the decision that the entry is one of: those with the same evidence; and those decided with them. */
async function unitOf(
  { ledger, opener }: ReplayContext,
  { stored, envelope }: OpenedEntry,
): Promise<{ unit: OpenedEntry[]; others: OpenedEntry[] }> {
  const first = stored.seq - envelope.part;
  const seqs = Array.from({ length: envelope.parts }, (_, part) => first + part);
  const entries = await opener.open((await ledger.get(SYSTEM_CHAIN, seqs)).map((one) => one!));
  const evidencePart = (entry: OpenedEntry): number => decisionOf(entry).evidenceAt ?? entry.envelope.part;
  const asked = entries[envelope.part];
  const decided = entries.filter((entry) => entry.envelope.kind.startsWith('person.'));
  const isOfUnit = (entry: OpenedEntry): boolean => evidencePart(entry) === evidencePart(asked);
  return { unit: decided.filter(isOfUnit), others: decided.filter((entry) => !isOfUnit(entry)) };
}

async function decideAgain(
  context: ReplayContext,
  unit: readonly OpenedEntry[],
  evidence: ModelEvidence,
  others: readonly OpenedEntry[],
): Promise<SystemChange[]> {
  const { pool, ids, persons: schema } = context;
  const index = await indexOf(context, evidence);
  const rulings = new Rulings(evidence.rulings.map((ruling) => ({ ...ruling, decided: 0 })));
  const { basis } = decisionOf(unit[0]);
  const { submission, part } = unit[0].envelope;
  const standing = {
    schema,
    position: parsePositions(basis)?.get(SYSTEM_CHAIN) ?? -1,
    fence: undefined,
    model: undefined,
  };
  const closure = await closureOf(pool, standing, index, rulings, namesOf(unit, evidence));
  // A question about records that do not hang together any more is withdrawn by one of their two decisions.
  const elsewhere = new Set(others.map(({ content }) => content?.header.id));
  const reviews = closure.reviews.filter(({ task }) => !elsewhere.has(task));
  const units = unitsOf(neighbourhoods(index, rulings, closure.names), closure.persons, reviews);
  const newId = (name: RecordName): string => ids.person(submission, name, index.record(index.row(name)!).time);
  return units.flatMap((one) => {
    const decided = decideUnit(index, one, evidence.modelAt, newId);
    decided.evidence.candidates = evidence.candidates;
    return unitEntries(decided, basis, part, ids);
  });
}

/** An index of the versions that were compared, under the model that they were compared by. */
async function indexOf({ ledger, opener, modelAt }: ReplayContext, evidence: ModelEvidence): Promise<RecordIndex> {
  const at = evidence.modelAt === undefined ? undefined : parsePosition(evidence.modelAt);
  const model = at ? await modelAt(at.seq) : DEFAULT_MODEL;
  if (model.version !== evidence.model) {
    throw new Error(
      `the decision was made by ${evidence.model}, this program ships ${model.version}: use the program of then`,
    );
  }
  const index = new RecordIndex(model);
  for (const { name, position } of evidence.records) {
    const { chain, seq } = parsePosition(position)!;
    const [stored] = await ledger.get(chain, [seq]);
    const [{ content, envelope }] = await opener.open([stored!]);
    if (!content) throw new Error(`the version at ${position} is not readable any more: its data key was destroyed`);
    const patient: unknown = JSON.parse(servedText(envelope, content.header, content.text).toString('utf8'));
    const fields = personFieldsOf(readDemographics(patient), patientKey(name).source);
    index.put({ name, chain, seq, time: Date.parse(envelope.time) }, fields);
  }
  return index;
}

function namesOf(unit: readonly OpenedEntry[], evidence: ModelEvidence): Set<RecordName> {
  const names = new Set(evidence.records.map(({ name }) => name));
  for (const entry of unit) {
    const said = decisionOf(entry);
    for (const name of said.removed ?? []) names.add(name);
  }
  return names;
}

function differencesOf(unit: readonly OpenedEntry[], again: readonly SystemChange[]): string[] {
  const differences: string[] = [];
  const key = ({ type, id }: { type: string; id: string }): string => `${type}/${id}`;
  const made = new Map(again.map((change) => [key(change), change]));
  for (const { stored, envelope, content } of unit) {
    const position = formatPosition(SYSTEM_CHAIN, stored.seq);
    const id = content!.header.id;
    const change = made.get(key({ type: envelope.type, id }));
    made.delete(key({ type: envelope.type, id }));
    if (!change) differences.push(`${position}: not decided`);
    else {
      if (envelope.kind !== change.kind) differences.push(`${position}: kind`);
      if (JSON.stringify(change.resource) !== content!.text.toString('utf8')) differences.push(`${position}: resource`);
      if (JSON.stringify(change.decision) !== JSON.stringify(content!.header.decision))
        differences.push(`${position}: decision`);
    }
  }
  for (const name of made.keys()) differences.push(`${name}: not recorded`);
  return differences;
}

/** What an entry of either kind says. @throws Error when it is not readable any more. */
function decisionOf({
  stored,
  content,
}: OpenedEntry): Partial<Omit<ReviewDecision & PersonDecision, 'basis'>> & { basis: string } {
  if (!content)
    throw new Error(
      `the decision at ${SYSTEM_CHAIN}:${stored.seq} is not readable any more: its data key was destroyed`,
    );
  return content.header.decision as PersonDecision;
}
