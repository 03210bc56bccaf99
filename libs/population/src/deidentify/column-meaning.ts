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
  /** `isComputed`: not an element as it was sent, so that shifting it could tell by how much. */
  | { kind: 'date'; isComputed?: true }
  | { kind: 'birth-date'; isComputed?: true }
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
const KEY_AT_END = /(?:^|\.)\s*(?:getResourceKey\s*\(\s*\)|getReferenceKey\s*\(\s*\w*\s*\))\s*$/;
/** When an entry came, which is known elsewhere: shifted it would tell by how much. */
const TIMES_OF_ENTRIES = new Set(['lastUpdated']);
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

  const isComputed = words.some(({ isPlain }) => !isPlain) || last === undefined || TIMES_OF_ENTRIES.has(last);
  const computed = isComputed ? ({ isComputed } as const) : {};
  const identifying = identifyingElement(elements);
  if (identifying) return { kind: 'identifying', what: identifying };
  if (functions.some((name) => KEY_FUNCTIONS.includes(name)))
    return isKeyAlone(expressions[expressions.length - 1]) ? { kind: 'key' } : unknown();
  if (last === 'id' || last === 'reference') return own.isPlain ? { kind: 'key' } : unknown();
  if (elements.includes('postalCode')) return last === 'postalCode' && own.isPlain ? { kind: 'zip' } : unknown();
  if (elements.includes('birthDate')) return isDate(type) ? { kind: 'birth-date', ...computed } : unknown();
  if (last === 'display')
    return elements.includes('coding') ? { kind: 'display' } : { kind: 'identifying', what: FREE_TEXT };
  if (elements.some((element) => /^extension$|Extension$/.test(element)) || functions.includes('extension'))
    return type === 'code' || type === 'boolean' ? { kind: 'harmless' } : unknown();
  if (isDate(type)) return { kind: 'date', ...computed };
  const ofType = IDENTIFYING_TYPES.get(type ?? '');
  if (ofType) return { kind: 'identifying', what: ofType };
  const isOfAge = elements.some((element) => AGES.has(element)) || words.some(({ types }) => types.includes('Age'));
  if (isOfAge && NUMBERS.has(type ?? '')) return { kind: 'age' };
  if (HARMLESS_TYPES.has(type ?? '') && (own.isPlain || own.isCounting)) return { kind: 'harmless' };
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
  if (identifying) return identifying;
  if (others.some(({ kind }) => kind !== first.kind)) return unknown();
  return [first, ...others].find((each) => 'isComputed' in each) ?? first;
}

/** Whether what a column is said to hold can be followed though nobody trusted says it: no more is shown then. */
export function isSafelySaid(said: Meaning, found: Meaning): boolean {
  if (said.kind === 'identifying' || said.kind === found.kind) return true;
  // A hash of a value that was chosen would be a way to test guesses, and a value that is moved tells by how much.
  if (found.kind === 'harmless') return said.kind !== 'key';
  return found.kind === 'date' && said.kind === 'birth-date';
}

function identifyingElement(elements: readonly string[]): Identifying | undefined {
  return elements.map((element) => IDENTIFYING_ELEMENTS.get(element)).find((found) => found !== undefined);
}

/** Of anything computed of a key the hash would be a way to test guesses: it must be the key itself. */
function isKeyAlone(expression: string): boolean {
  const of = expression.replace(KEY_AT_END, '');
  return of !== expression && alternatives(of).every((path) => pathWords(path).isPlain);
}

function isDate(type: string | undefined): boolean {
  return DATE_TYPES.has(type ?? '');
}

function unknown(): Meaning {
  return { kind: 'identifying', what: UNKNOWN };
}
