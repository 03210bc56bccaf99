import { int4Array, int8Array, textArray } from '@chartledger/database';
import { recordChange } from '@chartledger/ledger';
import { type ProjectedEntry } from '@chartledger/projection';
import { type Token, type Tokens } from '@chartledger/security';
import { identifierForms, referenceToken } from './record-tokens.js';
import { KIND } from './records.tables.js';

const OPEN = '\x7f\xff\xff\xff\xff\xff\xff\xff';

/** The rows that a batch of entries adds, as columns, and the former versions that it ends. */
export interface RecordRows {
  versions: {
    seq: number[];
    source: string[];
    type: string[];
    id: string[];
    version: number[];
    kind: number[];
    time: number[];
    seqTo: (number | string)[];
    /** 1-based, inclusive range in `tokens`: PostgreSQL's array slice. Empty when `tokensTo` is below `tokensFrom`. */
    tokensFrom: number[];
    tokensTo: number[];
  };
  tokens: Token[];
  identifiers: { token: Token[]; seq: number[] };
  submissions: { id: string[]; seq: number[]; parts: number[] };
  /** Versions that were current before the batch and end in it. */
  ended: { source: string[]; type: string[]; id: string[]; version: number[]; seqTo: number[] };
}

/** What a batch of entries of one chain, in order, adds to the view. Pure; entries that are no records add nothing. */
export function evolveRecords(tokens: Tokens, entries: readonly ProjectedEntry[]): RecordRows {
  const rows = emptyRows();
  const { versions } = rows;
  /** The row of the latest version of each record in this batch. */
  const latest = new Map<string, number>();
  for (const { seq, time, envelope, id, facts } of entries) {
    const change = recordChange(envelope);
    if (envelope.part === 0) {
      rows.submissions.id.push(envelope.submission);
      rows.submissions.seq.push(seq);
      rows.submissions.parts.push(envelope.parts);
    }
    if (change === undefined || id === undefined) continue;
    const kind = KIND[change];
    const { source, type, version } = envelope;
    const row = versions.seq.length;
    versions.seq.push(seq);
    versions.source.push(source);
    versions.type.push(type);
    versions.id.push(id);
    versions.version.push(version);
    versions.kind.push(kind);
    versions.time.push(time);
    versions.seqTo.push(kind === KIND.confirm ? seq : OPEN);
    versions.tokensFrom.push(rows.tokens.length + 1);
    for (const { code, values } of facts.search) {
      for (const value of values) rows.tokens.push(referenceToken(tokens, source, type, code, value));
    }
    versions.tokensTo.push(rows.tokens.length);
    for (const identifier of facts.identifiers) {
      for (const token of identifierForms(tokens, source, type, identifier)) {
        rows.identifiers.token.push(token);
        rows.identifiers.seq.push(seq);
      }
    }
    if (kind === KIND.confirm) continue;
    const record = `${source}/${type}/${id}`;
    const before = latest.get(record);
    latest.set(record, row);
    if (before !== undefined) versions.seqTo[before] = seq;
    else if (version > 1) endFormer(rows.ended, source, type, id, version - 1, seq);
  }
  return rows;
}

function endFormer(
  ended: RecordRows['ended'],
  source: string,
  type: string,
  id: string,
  version: number,
  seqTo: number,
): void {
  ended.source.push(source);
  ended.type.push(type);
  ended.id.push(id);
  ended.version.push(version);
  ended.seqTo.push(seqTo);
}

/** The rows as parameters of `applyRecords`, each column one binary array. */
export function recordParameters(rows: RecordRows): Buffer[] {
  const { versions: v, identifiers: i, submissions: s, ended: e } = rows;
  return [
    int8Array(v.seq),
    textArray(v.source),
    textArray(v.type),
    textArray(v.id),
    int4Array(v.version),
    int4Array(v.kind),
    int8Array(v.time),
    int8Array(v.seqTo),
    int4Array(v.tokensFrom),
    int4Array(v.tokensTo),
    int8Array(rows.tokens),
    int8Array(i.token),
    int8Array(i.seq),
    textArray(s.id),
    int8Array(s.seq),
    int4Array(s.parts),
    textArray(e.source),
    textArray(e.type),
    textArray(e.id),
    int4Array(e.version),
    int8Array(e.seqTo),
  ];
}

function emptyRows(): RecordRows {
  return {
    versions: {
      seq: [],
      source: [],
      type: [],
      id: [],
      version: [],
      kind: [],
      time: [],
      seqTo: [],
      tokensFrom: [],
      tokensTo: [],
    },
    tokens: [],
    identifiers: { token: [], seq: [] },
    submissions: { id: [], seq: [], parts: [] },
    ended: { source: [], type: [], id: [], version: [], seqTo: [] },
  };
}
