import { int4Array, int8Array } from '@chartledger/database';
import { SYSTEM_SOURCE } from '@chartledger/ledger';
import { type ProjectedEntry } from '@chartledger/projection';
import { type Token, type Tokens } from '@chartledger/security';
import { namedBySystem } from './lineage-entry.js';
import { clientToken, pointerToken } from './lineage-tokens.js';

/** The rows that a batch of entries adds, as columns. */
export interface LineageRows {
  seq: number[];
  /** 1-based, inclusive range in `tokens`: PostgreSQL's array slice. Never empty. */
  tokensFrom: number[];
  tokensTo: number[];
  tokens: Token[];
}

/**
 * What a batch of entries of one chain, in order, adds to the view. Pure, and a function of each entry alone. The first
 * entry of a submission stands for it, and so points to the client that sent it. An entry of the system's own points to
 * the records of sources that it names.
 */
export function evolveLineage(tokens: Tokens, entries: readonly ProjectedEntry[]): LineageRows {
  const rows: LineageRows = { seq: [], tokensFrom: [], tokensTo: [], tokens: [] };
  for (const { seq, envelope, facts, text } of entries) {
    const { source, actor, part } = envelope;
    const from = rows.tokens.length + 1;
    for (const record of facts.references) rows.tokens.push(pointerToken(tokens, 'lineage', source, record));
    for (const record of facts.targets) rows.tokens.push(pointerToken(tokens, 'provenance', source, record));
    for (const named of source === SYSTEM_SOURCE && text ? namedBySystem(text) : [])
      rows.tokens.push(pointerToken(tokens, 'lineage', named.source, `${named.type}/${named.id}`));
    if (part === 0) rows.tokens.push(clientToken(tokens, actor));
    if (rows.tokens.length < from) continue;
    rows.seq.push(seq);
    rows.tokensFrom.push(from);
    rows.tokensTo.push(rows.tokens.length);
  }
  return rows;
}

/** The rows as parameters of `applyLineage`, each column one binary array. */
export function lineageParameters(rows: LineageRows): Buffer[] {
  return [int8Array(rows.seq), int4Array(rows.tokensFrom), int4Array(rows.tokensTo), int8Array(rows.tokens)];
}
