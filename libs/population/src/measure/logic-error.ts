/** The logic failed for some patient: the place in it, and nothing of the patient. */
export class LogicError extends Error {
  constructor(
    readonly library: string,
    readonly expression: string,
    /** `line:column-line:column` in the CQL, where the ELM says it. */
    readonly locator: string | undefined,
  ) {
    super(
      `the logic of library ${library} fails in "${expression}"${locator ? ` at ${locator}` : ''} for a patient whose data it does not expect: mend the CQL there`,
    );
    this.name = 'LogicError';
  }
}
