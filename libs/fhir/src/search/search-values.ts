/**
 * The parts of a search value that stand apart by unescaped commas: any of them may match
 * (http://hl7.org/fhir/R4/search.html#combining). Escapes are left as they are, for the parser of the part; empty parts
 * are left out.
 */
export function splitOr(value: string): string[] {
  return splitUnescaped(value, ',').filter((part) => part !== '');
}

/**
 * The parts of `value` between unescaped `separator`s, at most `limit`: the last holds the rest. Escapes are left.
 * A backslash takes the character after it out of the count (http://hl7.org/fhir/R4/search.html#escaping).
 */
export function splitUnescaped(value: string, separator: ',' | '|' | '$', limit = Infinity): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < value.length && parts.length < limit - 1; at += 1) {
    if (value[at] === '\\') at += 1;
    else if (value[at] === separator) {
      parts.push(value.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(value.slice(start));
  return parts;
}

/**
 * The text that an escaped search value stands for: `\,` `\|` `\$` and `\\` lose their backslash, any other backslash
 * is one (http://hl7.org/fhir/R4/search.html#escaping).
 */
export function unescapeSearchValue(value: string): string {
  return value.replace(/\\([,|$\\])/g, '$1');
}
