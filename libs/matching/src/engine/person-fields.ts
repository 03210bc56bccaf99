/** One name of a person. `given[0]` is the first name, the others are middle names. */
export interface PersonName {
  given: readonly string[];
  family?: string;
  suffix?: string;
  /** FHIR HumanName.use; former names (`old`, `maiden`) count as the current one does. */
  use?: string;
}

/** One address; `line` is parsed where `number` and `street` are not given apart. */
export interface PersonAddress {
  line?: string;
  number?: string;
  street?: string;
  city?: string;
  postcode?: string;
  state?: string;
}

/**
 * What a record says of a person, whatever it came as. All that may be several is a list, and former ones count too.
 * Texts are as sent: preparation normalises them, and odd or empty ones are left out, never an error.
 */
export interface PersonFields {
  names: readonly PersonName[];
  /** As sent, in any precision: `1984`, `1984-03`, `1984-03-07`, `19840307`, `3/7/1984`. */
  birthDate?: string;
  /** FHIR gender or a column's code: its first letter counts, f or m. */
  sex?: string;
  phones: readonly string[];
  emails: readonly string[];
  addresses: readonly PersonAddress[];
  /** Only of systems whose identifiers are a person's own: record numbers of one department are not. */
  identifiers: readonly { system: string; value: string }[];
  /** Of the mother: her family name at birth, her given name. */
  motherName?: { given?: string; family?: string };
  /** The how-manieth of twins or triplets; `true` where only that is known. */
  multipleBirth?: boolean | number;
}
