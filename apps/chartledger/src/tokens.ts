/** The token under which the running parts of the process are injected. */
export const ASSEMBLY = Symbol('assembly');
