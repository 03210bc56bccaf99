import { type SourceName } from './sites.js';

/** Who a Patient record really is: a line of `truth.csv`. */
export interface TruthRow {
  readonly source: SourceName;
  /** The record's identifier, `system|value`: `Patient?identifier=…` finds it, whoever gave the id. */
  readonly patient: string;
  /** The same for all records of one person, and for no others. */
  readonly person: string;
  /** The kinds of error in the record, as first sent; none for most. */
  readonly errors: readonly string[];
}

export const TRUTH_HEADER = 'source,patient,person,errors\n';

/** One line of the file; no field holds a comma or a quote, so none is quoted. */
export function truthLine({ source, patient, person, errors }: TruthRow): string {
  return `${source},${patient},${person},${errors.join(';')}\n`;
}
