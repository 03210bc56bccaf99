import {
  identifyingCondition,
  isSafelySaid,
  meaningOf,
  together,
  type Meaning,
  type MeaningColumn,
} from './column-meaning.js';
import { isStrangersCondition, isStrangersPath } from './strangers-path.js';
import { OLDEST_AGE, UNKNOWN } from './safe-harbor.js';

/**
 * A tag of a column that says what it holds: `drop`, `keep`, `key`, `date`, `birth-date`, `age`, `zip`. Who may register views
 * is trusted with it; of a view that comes with a question it counts only where it shows no more than the path would.
 */
export const TAG = 'chartledger/deidentify';

export interface DeidentifyPolicy {
  /**
   * `year`: what Safe Harbor asks for. `shift`: each person's dates are moved by the same secret number of days, so that what
   * lies between them stays; that is not Safe Harbor but needs the judgement of an expert (164.514(b)(1)).
   */
  dates: 'year' | 'shift';
  /** Texts of codes as they were sent. They help, and nothing keeps a sender from writing a name there. */
  displays: 'drop' | 'keep';
  /** Whether the view is by someone who may decide what is harmless. */
  trustTags: boolean;
}

/** What is done with the values of a column. */
export type Treatment = 'keep' | 'key' | 'year' | 'shift' | 'age' | 'zip3';

export interface ShownColumn {
  name: string;
  treatment: Treatment;
  collection: boolean;
  /** What happens to it and why, for people. */
  why: string;
}

export interface DroppedColumn {
  name: string;
  why: string;
}

export interface DeidentifiedView {
  shown: ShownColumn[];
  dropped: DroppedColumn[];
  /** Conditions of the view that choose rows by what may not be shown. A view that is not trusted MUST be refused with them. */
  conditions: { expression: string; why: string }[];
}

/** Columns that every table of a view has beside its own. Where a record stands in the ledger tells when it came. */
export const TABLE_COLUMNS: Readonly<Record<string, 'key' | 'drop'>> = {
  patient_key: 'key',
  person_key: 'key',
  _source: 'key',
  _record: 'drop',
  _version: 'drop',
  _chain: 'drop',
  _seq: 'drop',
};

/**
 * Which columns of a view an analyst sees, and how; which fall out, and why. What is not known to be harmless falls out.
 *
 * @param columns of the compiled view. @param definition the ViewDefinition that they were compiled from.
 */
export function deidentifyView(
  columns: readonly MeaningColumn[],
  definition: unknown,
  policy: DeidentifyPolicy,
): DeidentifiedView {
  const { paths, conditions } = expressionsOf(definition);
  const view: DeidentifiedView = { shown: [], dropped: [], conditions: [] };
  for (const column of columns) {
    const { name, collection = false } = column;
    const occurrences = paths.get(name);
    const meaning = tagged(column, byPath(occurrences, column.type), policy);
    const isReadable = policy.trustTags || (occurrences ?? []).flat().every(isStrangersPath);
    const reason = dropReason(meaning, policy) ?? (isReadable ? undefined : STRANGERS_COLUMN);
    if (reason) view.dropped.push({ name, why: reason });
    else view.shown.push({ name, collection, ...treatmentOf(meaning, policy) });
  }
  for (const expression of conditions) {
    const what = identifyingCondition(expression);
    if (!what && !policy.trustTags && !isStrangersCondition(expression))
      view.conditions.push({ expression, why: STRANGERS_CONDITION });
    if (what) view.conditions.push({ expression, why: `it chooses rows by ${what.what} ${what.rule}` });
  }
  return view;
}

const STRANGERS_COLUMN =
  'it is computed, and of a view that is not registered only elements are shown: select the element itself, or have the view registered';
const STRANGERS_CONDITION =
  'it is more than codes that are compared with codes: compare the columns that are shown in SQL, or have the view registered';

function byPath(occurrences: readonly string[][] | undefined, type: string | undefined): Meaning {
  if (!occurrences) return { kind: 'identifying', what: UNKNOWN };
  return together(occurrences.map((expressions) => meaningOf(expressions, type)));
}

const TAGGED: Readonly<Record<string, Meaning>> = {
  drop: { kind: 'identifying', what: { rule: 'by its tag', what: 'what its author takes for identifying' } },
  keep: { kind: 'harmless' },
  key: { kind: 'key' },
  date: { kind: 'date' },
  'birth-date': { kind: 'birth-date' },
  age: { kind: 'age' },
  zip: { kind: 'zip' },
};

function tagged({ tags = [] }: MeaningColumn, meaning: Meaning, { trustTags }: DeidentifyPolicy): Meaning {
  const tag = tags.find(({ name }) => name === TAG)?.value;
  if (tag === undefined) return meaning;
  const said = Object.hasOwn(TAGGED, tag) ? TAGGED[tag] : TAGGED.drop;
  return trustTags || isSafelySaid(said, meaning) ? said : meaning;
}

function dropReason(meaning: Meaning, { displays }: DeidentifyPolicy): string | undefined {
  if (meaning.kind === 'display' && displays === 'drop')
    return 'texts of codes are as they were sent, and can hold anything (R): use the code';
  return meaning.kind === 'identifying' ? `it may hold ${meaning.what.what} ${meaning.what.rule}` : undefined;
}

function treatmentOf(meaning: Meaning, { dates }: DeidentifyPolicy): { treatment: Treatment; why: string } {
  const isShifted = dates === 'shift' && !('isComputed' in meaning);
  switch (meaning.kind) {
    case 'key':
      return { treatment: 'key', why: 'a keyed hash of this project: equal where the record is the same' };
    case 'date':
    case 'birth-date':
      return isShifted
        ? {
            treatment: 'shift',
            why: 'the day moved by a number of days that is secret and the same for all of a person; a year that tells an age over 89 is one that they share (C)',
          }
        : { treatment: 'year', why: `the year only; one for all that tell an age over ${OLDEST_AGE} (C)` };
    case 'age':
      return { treatment: 'age', why: `${OLDEST_AGE + 1} stands for every age over ${OLDEST_AGE} (C)` };
    case 'zip':
      return { treatment: 'zip3', why: 'the first three digits, 000 where few people live (B)' };
    default:
      return { treatment: 'keep', why: 'as it is' };
  }
}

interface Expressions {
  /** For each column, wherever it is defined: the iterations around it, then its path. */
  paths: Map<string, string[][]>;
  conditions: string[];
}

/** Of a ViewDefinition that compiles. */
function expressionsOf(definition: unknown): Expressions {
  const found: Expressions = { paths: new Map(), conditions: [] };
  const { select, where } = (definition ?? {}) as Select & { where?: { path: string }[] };
  for (const { path } of where ?? []) found.conditions.push(path);
  for (const each of select ?? []) readSelect(each, [], found);
  return found;
}

interface Select {
  column?: { name: string; path: string }[];
  select?: Select[];
  unionAll?: Select[];
  forEach?: string;
  forEachOrNull?: string;
  repeat?: string[];
}

function readSelect(select: Select, around: readonly string[], found: Expressions): void {
  const own = [select.forEach, select.forEachOrNull, ...(select.repeat ?? [])].filter((path) => path !== undefined);
  // What an iteration chooses by decides which rows there are; its own elements are looked at with each column.
  found.conditions.push(...own.filter((path) => path.includes('(')));
  const inner = [...around, ...own];
  for (const { name, path } of select.column ?? [])
    found.paths.set(name, [...(found.paths.get(name) ?? []), [...inner, path]]);
  for (const each of [...(select.select ?? []), ...(select.unionAll ?? [])]) readSelect(each, inner, found);
}
