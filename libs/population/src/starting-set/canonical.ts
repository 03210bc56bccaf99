/** Where the canonical URLs of the starting set begin. */
export const BASE = 'https://chartledger.dev/fhir';
export const VERSION = '1.0.0';
