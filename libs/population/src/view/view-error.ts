import { FhirError, type Issue } from '@chartledger/platform';

/** Something wrong at a place of a ViewDefinition. */
export interface Fault {
  /** `ViewDefinition.select[0].column[2].path`. */
  place: string;
  problem: string;
}

/** A ViewDefinition that cannot be compiled, with every fault that was found. */
export class ViewError extends FhirError {
  constructor(readonly faults: readonly Fault[]) {
    super(422, faults.map(issueOf));
  }
}

/** A fault as an issue of an OperationOutcome. */
export function issueOf({ place, problem }: Fault): Issue {
  return { severity: 'error', code: 'invalid', diagnostics: `${place}: ${problem}`, expression: [place] };
}

/**
 * A resource of which a view cannot make rows: several values in a column of one or where FHIRPath takes one, a value
 * of another type than the column's, a where that is no Boolean. The message names the place in the view and never the resource's content.
 */
export class RowError extends Error {
  readonly code = 'view_row';

  constructor(
    readonly place: string,
    readonly problem: string,
  ) {
    super(`${place}: ${problem}`);
  }
}
