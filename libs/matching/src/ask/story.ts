import { type ModelEvidence, type PairEvidence, type PersonDecision } from '../persons/person-entries.js';
import { type PersonEntry } from '../persons/persons-reader.js';
import { bits } from './waterfall.js';

/** One entry of a story, with whose it is, what it stands on, and a sentence that says it. */
export interface ToldEntry extends PersonEntry {
  person: string;
  words: string;
}

/** The person's entries and those of persons that were absorbed into it, in the order in which they were recorded. */
export function storyOf(
  stories: readonly { person: string; entries: readonly PersonEntry[] }[],
  evidences: ReadonlyMap<PersonEntry, ModelEvidence>,
): ToldEntry[] {
  return stories
    .flatMap(({ person, entries }) => entries.map((entry) => told(person, entry, evidences.get(entry))))
    .sort((a, b) => seqOf(a) - seqOf(b));
}

function told(person: string, entry: PersonEntry, evidence: ModelEvidence | undefined): ToldEntry {
  const { decision } = entry;
  const full = decision && evidence ? { ...decision, evidence } : decision;
  return { person, ...entry, decision: full, words: inWords(person, entry, full) };
}

function inWords(person: string, entry: PersonEntry, decision: PersonDecision | undefined): string {
  const { kind, version, actor, undone } = entry;
  if (!decision) return `${kind}: the entry's key was destroyed, and with it what it says`;
  const { added, removed, from, to, steward } = decision;
  const did = [
    version === 1 && added.length > 0 ? `${person} was born with ${list(added)}` : '',
    version > 1 && added.length > 0
      ? `${list(added)} came to ${person}${from.length > 0 ? ` from ${list(from)}` : ''}`
      : '',
    removed.length > 0 ? `${list(removed)} left ${person}${to.length > 0 ? ` for ${list(to)}` : ''}` : '',
    removed.length === 0 && added.length === 0 && to.length > 0 ? `${person} was absorbed into ${list(to)}` : '',
  ].filter(Boolean);
  const why = steward
    ? `, because ${actor} decided so (${steward.kind}): ${steward.reason}`
    : weighed(decision, added.length > 0 ? added : removed);
  return `${did.length > 0 ? did.join(', and ') : `${person} was looked at again`}${why}${undone ? `; taken back at ${undone}` : ''}`;
}

/** The best pair that holds what moved to another record. */
function weighed({ evidence }: PersonDecision, moved: readonly string[]): string {
  if (!evidence) return '';
  const isMoved = (index: number): boolean => moved.includes(evidence.records[index]?.name);
  const pair = evidence.pairs.find(({ left, right }) => isMoved(left) || isMoved(right));
  return pair ? `, because ${pairInWords(evidence, pair)} (model ${evidence.model})` : ` (model ${evidence.model})`;
}

function pairInWords(
  { records, thresholds }: ModelEvidence,
  { left, right, score, weights, rule }: PairEvidence,
): string {
  const heaviest = [...weights]
    .filter(([, , weight]) => weight !== 0)
    .sort((a, b) => Math.abs(b[2]) - Math.abs(a[2]))
    .map(([field, level, weight]) => `${field} ${level} ${bits(weight)}`);
  const against = score >= thresholds.link ? 'at or above' : 'below';
  return `${records[left].name} and ${records[right].name} have ${bits(score)} bits, ${against} ${bits(thresholds.link)}: ${heaviest.join(', ')}${rule ? `, rule ${rule}` : ''}`;
}

function list(names: readonly string[]): string {
  const [first, ...rest] = names;
  if (rest.length === 0) return first;
  return names.length <= MOST_NAMED
    ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
    : `${first} and ${rest.length} others`;
}

const MOST_NAMED = 6;

function seqOf({ position }: PersonEntry): number {
  return Number(position.slice(position.indexOf(':') + 1));
}
