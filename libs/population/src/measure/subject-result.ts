/** Whether a patient, or an episode of it, is in a population, and what was observed of it there. */
export interface Membership {
  /** Index among the populations of the measure's group. */
  population: number;
  isMember: boolean;
  observations?: number[];
}

/** A patient, or one episode of it where the measure counts episodes. */
export interface Unit {
  memberships: Membership[];
  /** The strata that it is in: indices among the stratifiers of the measure's group. */
  strata: number[];
}

/** What the logic says of a patient in one group of one measure. */
export interface GroupResult {
  /** Index among the package's measures with logic. */
  measure: number;
  /** Index among the measure's groups. */
  group: number;
  countsEpisodes: boolean;
  /** The patient as a whole; for episodes it is in a population when any of them is. */
  subject: Unit;
  /** Empty unless episodes are counted. */
  episodes: Unit[];
}

/** A value that the measure asks for beside its populations, such as sex or payer. */
export interface SupplementalValue {
  name: string;
  coding?: { system?: string; code: string; display?: string }[];
  text?: string;
}

/** What the logic says of one patient. It names no record: that is kept apart, as positions in the ledger. */
export interface SubjectResult {
  groups: GroupResult[];
}

/** A result with the records that the logic touched to come to it, as indices among those it was given. */
export interface Evaluation {
  result: SubjectResult;
  touched: number[];
  supplemental: SupplementalValue[];
}
