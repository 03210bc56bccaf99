import { BadRequestError } from '../errors.js';

/** The query of a request, as Express parses it: a repeated parameter is a list. */
export type Query = Readonly<Record<string, unknown>>;

/** @throws BadRequestError for a parameter that is not known, which would be ignored, or is given more than once. */
export function parameters(query: Query, known: readonly string[]): Record<string, string | undefined> {
  if (Object.keys(query).some((name) => !known.includes(name))) {
    const hint = known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`;
    throw new BadRequestError(`the request has a parameter that is not known here: ${hint}`);
  }
  const given: Record<string, string | undefined> = {};
  for (const name of known) {
    const value = query[name];
    if (value !== undefined && typeof value !== 'string') throw new BadRequestError(`${name} must be given once`);
    given[name] = value;
  }
  return given;
}
