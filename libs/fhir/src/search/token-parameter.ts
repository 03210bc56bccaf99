import { splitUnescaped, unescapeSearchValue } from './search-values.js';

/** What a token search value asks for (http://hl7.org/fhir/R4/search.html#token). */
export interface TokenParam {
  /** The system: absent means any, empty means that there is none. */
  system?: string;
  /** The code or value; absent means any of the system. */
  value?: string;
}

/**
 * Parses one token value, already split at its commas (splitOr) and percent-decoded: `value`, `system|value`, `|value`,
 * `system|`. Escapes are undone.
 * @returns undefined where it asks for nothing (an empty text or a lone bar), so that it cannot match everything.
 */
export function parseTokenParam(text: string): TokenParam | undefined {
  const [first = '', second] = splitUnescaped(text, '|', 2).map(unescapeSearchValue);
  if (second === undefined) return first === '' ? undefined : { value: first };
  if (second !== '') return { system: first, value: second };
  return first === '' ? undefined : { system: first };
}
