import { alternatives, pathWords } from './path-words.js';
import {
  DATE_TYPES,
  FREE_TEXT,
  HARMLESS_TEXTS,
  HARMLESS_TYPES,
  IDENTIFYING_ELEMENTS,
  IDENTIFYING_TYPES,
  UNKNOWN,
  type Identifying,
} from './safe-harbor.js';

/** What a column holds, as far as de-identification is concerned. */
export type Meaning =
  | { kind: 'harmless' }
  /** Names a record: shown as a keyed hash, so that it joins and tells nothing. */
  | { kind: 'key' }
  | { kind: 'date' }
  | { kind: 'birth-date' }
  | { kind: 'age' }
  | { kind: 'zip' }
  /** The text of a code, by whoever sent it. */
  | { kind: 'display' }
  | { kind: 'identifying'; what: Identifying };

/** A column of a compiled view, as far as it is looked at here. */
export interface MeaningColumn {
  name: string;
  /** A FHIR primitive. */
  type?: string;
  collection?: boolean;
  tags?: readonly { name: string; value: string }[];
}

const HARMLESS: Meaning = { kind: 'harmless' };
const KEY_FUNCTIONS = ['getResourceKey', 'getReferenceKey'];
const NUMBERS = new Set(['integer', 'integer64', 'positiveInt', 'unsignedInt', 'decimal']);

/** Where a number is how old somebody was. */
const AGES = new Set(
  'age onset onsetAge onsetRange abatement abatementAge abatementRange deceased deceasedAge performedAge performedRange bornRange'.split(
    ' ',
  ),
);

/**
 * What a column holds, by the expressions that make it: those of the iterations around it, then its own. Whatever is not known
 * to be harmless is taken for identifying.
 */
export function meaningOf(expressions: readonly string[], type: string | undefined): Meaning {
  const around = expressions.slice(0, -1);
  return together(alternatives(expressions[expressions.length - 1]).map((own) => meaningOfOne([...around, own], type)));
}

function meaningOfOne(expressions: readonly string[], type: string | undefined): Meaning {
  const words = expressions.map(pathWords);
  const own = words[words.length - 1];
  const elements = words.flatMap((each) => each.elements);
  const functions = words.flatMap((each) => each.functions);
  const last = own.last ?? words.findLast((each) => each.last !== undefined)?.last;

  const identifying = identifyingElement(elements);
  if (identifying) return { kind: 'identifying', what: identifying };
  if (functions.some((name) => KEY_FUNCTIONS.includes(name))) return { kind: 'key' };
  if (last === 'id' || last === 'reference') return { kind: 'key' };
  if (elements.includes('postalCode')) return last === 'postalCode' && own.isPlain ? { kind: 'zip' } : unknown();
  if (elements.includes('birthDate')) return isDate(type) ? { kind: 'birth-date' } : unknown();
  if (last === 'display')
    return elements.includes('coding') ? { kind: 'display' } : { kind: 'identifying', what: FREE_TEXT };
  if (elements.some((element) => /^extension$|Extension$/.test(element)) || functions.includes('extension'))
    return type === 'code' || type === 'boolean' ? { kind: 'harmless' } : unknown();
  if (isDate(type)) return { kind: 'date' };
  const ofType = IDENTIFYING_TYPES.get(type ?? '');
  if (ofType) return { kind: 'identifying', what: ofType };
  const isOfAge = elements.some((element) => AGES.has(element)) || words.some(({ types }) => types.includes('Age'));
  if (isOfAge && NUMBERS.has(type ?? '')) return { kind: 'age' };
  if (HARMLESS_TYPES.has(type ?? '')) return { kind: 'harmless' };
  if (own.isPlain && HARMLESS_TEXTS.has(last ?? '')) return { kind: 'harmless' };
  return type === 'string' || type === undefined ? { kind: 'identifying', what: FREE_TEXT } : unknown();
}

/** What a condition looks at that may not be shown; undefined for a harmless one. */
export function identifyingCondition(expression: string): Identifying | undefined {
  const { elements, functions } = pathWords(expression);
  const isOfPerson = elements.some((element) => ['birthDate', 'postalCode', 'id', 'reference'].includes(element));
  const isOfKey = functions.some((name) => KEY_FUNCTIONS.includes(name));
  return identifyingElement(elements) ?? (isOfPerson || isOfKey ? UNKNOWN : undefined);
}

/** What a column holds that is several things in several places: nothing that one treatment would do for, unless all but one are harmless. */
export function together(meanings: readonly Meaning[]): Meaning {
  const [first = HARMLESS, ...others] = meanings.filter(({ kind }) => kind !== 'harmless');
  const identifying = [first, ...others].find(({ kind }) => kind === 'identifying');
  return identifying ?? (others.every(({ kind }) => kind === first.kind) ? first : unknown());
}

/** Whether what a column is said to hold can be followed though nobody trusted says it: no more is shown then. */
export function isSafelySaid(said: Meaning, found: Meaning): boolean {
  if (said.kind === 'identifying' || found.kind === 'harmless' || said.kind === found.kind) return true;
  return found.kind === 'date' && said.kind === 'birth-date';
}

function identifyingElement(elements: readonly string[]): Identifying | undefined {
  return elements.map((element) => IDENTIFYING_ELEMENTS.get(element)).find((found) => found !== undefined);
}

function isDate(type: string | undefined): boolean {
  return DATE_TYPES.has(type ?? '');
}

function unknown(): Meaning {
  return { kind: 'identifying', what: UNKNOWN };
}
