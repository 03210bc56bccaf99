import { hashText } from './content-hash.js';
import { GrowingInts, GrowingLetters } from './growing-array.js';
import { formalNamesOf } from './nicknames.js';
import { type NameText } from './person-name.js';
import { soundKey } from './sound-key.js';

/** What is known of a distinct text: so many integers a value, at these places. */
export const FACT = {
  letters: 0,
  length: 1,
  /** One bit a letter that occurs, for a quick bound of the edit distance. */
  mask: 2,
  sound: 3,
  hash: 4,
  hashHigh: 5,
  initial: 6,
  /** Up to three values of its parts. */
  parts: 7,
  /** Where its formal names are listed: their count, then they; 0 for none. */
  formal: 10,
  /** What agreement weighs above or below the usual, thousandths of a bit, by the role the text has. */
  givenTerm: 11,
  familyTerm: 12,
  placeTerm: 13,
  streetTerm: 14,
} as const;
export const FACTS = 15;

const SECOND_SEED = 0x1b873593;

/** What a text's frequency is worth in each role, by its hashes. */
export type TermWeights = (
  hash: number,
  hashHigh: number,
) => readonly [given: number, family: number, place: number, street: number];

/** The arrays of a dictionary, as threads share them. */
export interface ValueArrays {
  facts: Int32Array;
  units: Uint16Array;
  formal: Int32Array;
}

/**
 * The dictionary of names and places: each distinct text once, as a small number, with all that comparing and blocking
 * asks of it. Value 0 is the missing one. What it says of a text depends on the text (and on `terms`) alone.
 */
export class Values {
  private readonly ids = new Map<string, number>();
  private readonly facts = new GrowingInts(FACTS * 1024);
  private readonly letters = new GrowingLetters();
  private readonly formal = new GrowingInts();

  constructor(private readonly terms: TermWeights = () => [0, 0, 0, 0]) {
    this.facts.take(FACTS);
    this.formal.take(1);
  }

  get size(): number {
    return this.facts.length / FACTS;
  }

  get arrays(): ValueArrays {
    return { facts: this.facts.ints, units: this.letters.units, formal: this.formal.ints };
  }

  /** Codes (phone, e-mail, identifier) are not in the dictionary: their letters follow one another. */
  appendCode(text: string): number {
    const at = this.letters.append(String.fromCharCode(text.length));
    this.letters.append(text);
    return at;
  }

  name({ text, parts }: NameText): number {
    if (text === '') return 0;
    const key = parts.length === 0 ? text : `${text} ${parts.join(' ')}`;
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const partIds = parts.map((part) => this.text(part));
    return this.add(key, text, partIds);
  }

  text(text: string): number {
    if (text === '') return 0;
    return this.ids.get(text) ?? this.add(text, text, []);
  }

  private add(key: string, text: string, parts: readonly number[]): number {
    const at = this.facts.take(FACTS);
    const id = at / FACTS;
    this.ids.set(key, id);
    const letters = this.letters.append(text);
    const facts = this.facts.ints;
    facts[at + FACT.letters] = letters;
    facts[at + FACT.length] = text.length;
    facts[at + FACT.mask] = letterMask(text);
    facts[at + FACT.sound] = hashText(soundKey(text)) || 1;
    facts[at + FACT.hash] = hashText(text) || 1;
    facts[at + FACT.hashHigh] = hashText(text, SECOND_SEED);
    facts[at + FACT.initial] = text.charCodeAt(0);
    parts.forEach((part, index) => (facts[at + FACT.parts + index] = part));
    facts[at + FACT.formal] = this.formalList(text);
    this.weigh(at);
    return id;
  }

  /** Sets the weights of all texts anew, when the frequencies are known only after the texts. */
  weighAll(terms: TermWeights): void {
    for (let id = 1; id < this.size; id++) this.weigh(id * FACTS, terms);
  }

  private weigh(at: number, terms = this.terms): void {
    const facts = this.facts.ints;
    const [given, family, place, street] = terms(facts[at + FACT.hash], facts[at + FACT.hashHigh]);
    facts[at + FACT.givenTerm] = given;
    facts[at + FACT.familyTerm] = family;
    facts[at + FACT.placeTerm] = place;
    facts[at + FACT.streetTerm] = street;
  }

  private formalList(text: string): number {
    const names = formalNamesOf(text);
    if (names.length === 0) return 0;
    const at = this.formal.take(names.length + 1);
    this.formal.ints[at] = names.length;
    this.formal.ints.set(names, at + 1);
    return at;
  }
}

function letterMask(text: string): number {
  let mask = 0;
  for (let at = 0; at < text.length; at++) mask |= 1 << (text.charCodeAt(at) & 31);
  return mask;
}
