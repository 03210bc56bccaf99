import { NameTable } from './name-table.js';
import { type PrimitiveType } from './primitive-type.js';

/** What a member's value is: the scanner branches on it for every member, so it is a number. */
export const KIND = {
  PRIMITIVE: 0,
  /** A data type or a BackboneElement. */
  COMPLEX: 1,
  /** Any resource: contained, in a Bundle's entry, in Parameters. */
  RESOURCE: 2,
  /** `_birthDate`: the id and extensions of a primitive (R4 json.html#primitive). */
  SIBLING: 3,
  /** The resource's type, which the scanner has read already. */
  RESOURCE_TYPE: 4,
} as const;

/** Why the scanner notes the value of a primitive member. */
export const ROLE = {
  NONE: 0,
  /** `Reference.reference`. */
  REFERENCE: 1,
  /** A uri, url, canonical, oid or uuid, which a transaction rewrites where it names an entry (R4 http.html#trules). */
  LINK: 2,
  /** The id of a resource. */
  RESOURCE_ID: 3,
  /** A member of Bundle, its entries and their requests. */
  BUNDLE_MEMBER: 4,
} as const;

/** Words of the largest set of members (ElementDefinition, with its four choices of any type, has 10). */
export const MAX_WORDS = 16;

/** Some bits of the set of members that an object has: a word of the set and a mask in it. */
export interface Bits {
  readonly word: number;
  readonly mask: number;
}

/** A name that may stand in a JSON object of some type. */
export interface Member {
  /** As in JSON: `valueString`, `_valueString`. */
  readonly name: string;
  /** As in the specification: `value[x]`. */
  readonly element: string;
  readonly kind: (typeof KIND)[keyof typeof KIND];
  /** Whether JSON has an array. */
  readonly repeats: boolean;
  /** The path of the value's type: `Patient.contact`, `dateTime`. */
  readonly typeName: string;
  /** For PRIMITIVE. */
  readonly primitive: PrimitiveType | undefined;
  readonly role: (typeof ROLE)[keyof typeof ROLE];
  /** For COMPLEX and SIBLING. */
  readonly type: TypeTable | undefined;
  /** The member's own bit in the set of members that an object has. */
  readonly word: number;
  readonly bit: number;
  /** The members that exclude this one: other types of the same choice. */
  readonly rivals: readonly Bits[];
  /** The name's bytes. */
  readonly bytes: Uint8Array;
  /** The member that came after this one last time: senders keep an order, so it is the scanner's first guess. */
  next: Member | undefined;
}

/** An element that must be there: any of the bits. */
export interface Requirement {
  readonly element: string;
  readonly anyOf: readonly Bits[];
}

/** What may stand in a JSON object of one type. */
export class TypeTable {
  members: NameTable<Member> = new NameTable([]);
  /** The member that came first last time. */
  first: Member | undefined = undefined;
  /** The words that the set of members needs. */
  words = 1;
  /** Bits of the first word: when all are set, every element of `requirements` is there. Else look closer. */
  requiredBits = 0;
  requirements: readonly Requirement[] = [];
  /** Whether `requiredBits` cannot show that all is there, since a required element has a choice of types. */
  requiresChoice = false;

  constructor(
    /** `Patient`, `Patient.contact`, `HumanName`. */
    readonly name: string,
  ) {}
}
