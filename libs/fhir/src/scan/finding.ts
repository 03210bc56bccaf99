/** Codes of FHIR R4's issue-type (valueset-issue-type.html) that the scanner gives. */
export type FindingCode = 'invalid' | 'structure' | 'required' | 'value' | 'too-costly';

/** Something in a text that is not FHIR R4, in the terms of OperationOutcome.issue (R4 operationoutcome.html). */
export interface Finding {
  /** fatal: the text is not JSON that FHIR can carry, and nothing was read beyond the place. */
  readonly severity: 'fatal' | 'error';
  readonly code: FindingCode;
  /** The element by the names that it has in JSON: `Bundle.entry[49].resource.birthDate`. */
  readonly expression: string;
  /** What to do. Holds names, types and positions, never the value of an element: values may be health information. */
  readonly message: string;
}

/** Findings that are kept of one text: the first are what a sender needs, and a hostile text has millions. */
export const MAX_FINDINGS = 100;

/** Stands for findings that are not listed, so that an entry that has any never looks clean. */
export const MORE_FINDINGS: Finding = {
  severity: 'error',
  code: 'too-costly',
  expression: 'Resource',
  message: `There is more to correct than the ${MAX_FINDINGS} findings that are listed: correct those first.`,
};

/** Collects findings up to the limit and knows how many there were. */
export class FindingList {
  readonly #listed: Finding[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(finding: () => Finding): void {
    if (this.#count < MAX_FINDINGS) this.#listed.push(finding());
    this.#count++;
  }

  /** The findings from the one numbered `from` on, with MORE_FINDINGS where some of them are not listed. */
  since(from: number): readonly Finding[] {
    const listed = this.#listed.slice(from);
    return this.#count - from > listed.length ? [...listed, MORE_FINDINGS] : listed;
  }
}
