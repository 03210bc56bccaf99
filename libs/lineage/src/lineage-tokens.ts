import { type Token, type Tokens } from '@chartledger/security';

/** How an entry points to what a token stands for. */
export type PointerKind = 'lineage' | 'provenance';

/**
 * The token under which an entry is found that refers to a record of its source (`lineage`), or is a Provenance with the
 * record as a target (`provenance`, beside `lineage`).
 * @param record `Type/id`, or `Type/id/_history/n` where a reference names a version.
 */
export function pointerToken(tokens: Tokens, kind: PointerKind, source: string, record: string): Token {
  return tokens.of(kind, source, record);
}

/** The token under which the first entry of each submission of a client is found. */
export function clientToken(tokens: Tokens, client: string): Token {
  return tokens.of('client', client);
}
