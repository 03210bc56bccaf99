/**
 * What can go wrong in a way that the caller can act on. `code` is stable and for programs; `message` is for people, says
 * what to do next and never holds protected health information.
 */
export class ChartledgerError extends Error {
  constructor(
    readonly code: string,
    /** The HTTP status that this error maps to. */
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** The environment or the data directory is not as it must be. The process must not start. */
export class ConfigurationError extends ChartledgerError {
  constructor(message: string) {
    super('configuration', 500, message);
  }
}

/** The ledger is not what was signed or acknowledged. The process must stop; nothing may be papered over. */
export class IntegrityError extends ChartledgerError {
  constructor(message: string) {
    super('integrity', 500, message);
  }
}

/** What was asked for is not there. */
export class NotFoundError extends ChartledgerError {
  /** `position`: of the view that says so, as `chain:seq`. */
  constructor(
    message: string,
    readonly position?: string,
  ) {
    super('not-found', 404, message);
  }
}

/** The request cannot be understood or honoured as it is. */
export class BadRequestError extends ChartledgerError {
  constructor(message: string, code = 'invalid') {
    super(code, 400, message);
  }
}

/** It would be answered later: the caller should try again. */
export class UnavailableError extends ChartledgerError {
  constructor(message: string) {
    super('transient', 503, message);
  }
}

/** An issue of an OperationOutcome (http://hl7.org/fhir/R4/operationoutcome.html). `expression` names the element. */
export interface Issue {
  severity: 'fatal' | 'error' | 'warning' | 'information';
  code: string;
  diagnostics: string;
  expression?: string[];
}

/** A FHIR request that is refused, with everything that is wrong with it. */
export class FhirError extends ChartledgerError {
  constructor(
    status: number,
    readonly issues: readonly Issue[],
  ) {
    super(issues[0].code, status, issues[0].diagnostics);
  }

  static of(status: number, code: string, diagnostics: string, expression?: string): FhirError {
    return new FhirError(status, [
      { severity: 'error', code, diagnostics, ...(expression ? { expression: [expression] } : {}) },
    ]);
  }
}
