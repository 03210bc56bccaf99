import { type Pool } from 'pg';
import { int4Array, int8Array, run, textArray } from '@chartledger/database';
import { type Ledger } from '@chartledger/ledger';
import { type EntryOpener } from '@chartledger/projection';
import { KIND } from '@chartledger/records';
import { type Tokens } from '@chartledger/security';
import { type SubmissionNode } from './graph-node.js';
import {
  type ChainLookups,
  type ContainedVersion,
  type PointerQuestion,
  type RecordName,
  type VersionEntry,
  type VersionQuestion,
} from './graph-lookups.js';
import { readLineageEntry, type LineageEntry } from './lineage-entry.js';
import { clientToken, pointerToken } from './lineage-tokens.js';
import { pointersTo, submissionsOf } from './lineage.queries.js';
import { type Standing } from './standing.js';
import { versionsAround, versionsIn, versionsMeant } from './version.queries.js';

/** What look-ups need of their surroundings. */
export interface LookupContext {
  pool: Pool;
  ledger: Ledger;
  opener: EntryOpener;
  tokens: Tokens;
}

interface VersionRow {
  question: number;
  seq: number;
  version: number;
  kind: number;
  time: number;
}

/** The look-ups of one answer on one chain: a round trip each, and each entry is read and decrypted once. */
export class LedgerLookups implements ChainLookups {
  readonly chain: number;
  readonly position: number;
  private readonly known = new Map<number, LineageEntry>();

  constructor(
    private readonly context: LookupContext,
    private readonly standing: Standing,
  ) {
    this.chain = standing.chain;
    this.position = standing.position;
  }

  async entries(seqs: readonly number[]): Promise<LineageEntry[]> {
    const missing = [...new Set(seqs)].filter((seq) => !this.known.has(seq));
    if (missing.length > 0) {
      const stored = await this.context.ledger.get(this.chain, missing);
      const opened = await this.context.opener.open(stored.map((entry) => entry!));
      for (const entry of opened) this.known.set(entry.stored.seq, readLineageEntry(entry));
    }
    return seqs.map((seq) => this.known.get(seq)!);
  }

  async versionsMeant(questions: readonly VersionQuestion[]): Promise<VersionEntry[][]> {
    const rows = await run<VersionRow>(this.context.pool, versionsMeant(this.standing.records), [
      ...nameColumns(questions),
      int8Array(questions.map(({ at }) => Math.min(at, this.position))),
      int8Array(questions.map(({ last }) => Math.min(last, this.position))),
      int4Array(questions.map(({ version }) => version ?? NO_VERSION)),
    ]);
    return byQuestion(rows, questions.length);
  }

  async versionsAround(
    versions: readonly (RecordName & { version: number })[],
    limit: number,
  ): Promise<VersionEntry[][]> {
    const rows = await run<VersionRow>(this.context.pool, versionsAround(this.standing.records), [
      ...nameColumns(versions),
      int4Array(versions.map(({ version }) => version)),
      this.position,
      limit,
    ]);
    return byQuestion(rows, versions.length);
  }

  async versionsIn(submissions: readonly SubmissionNode[], limit: number): Promise<ContainedVersion[]> {
    const rows = await run<VersionRow & RecordName & { at: number }>(
      this.context.pool,
      versionsIn(this.standing.records),
      [
        int8Array(submissions.map(({ first }) => first)),
        int8Array(submissions.map(({ first, parts }) => first + parts - 1)),
        this.chain,
        this.position,
        limit,
      ],
    );
    return rows.map(({ question, at, source, type, id, ...row }) => {
      const entry = versionEntry({ question, ...row });
      return { question, at, source, type, id, ...entry, isConfirmation: at !== entry.seq };
    });
  }

  async pointersTo(questions: readonly PointerQuestion[], limit: number): Promise<{ question: number; seq: number }[]> {
    const { lineage } = this.standing;
    const { pool, tokens } = this.context;
    return run(pool, pointersTo(lineage), [
      int8Array(questions.map(({ kind, source, record }) => pointerToken(tokens, kind, source, record))),
      int8Array(questions.map(({ first }) => first)),
      int8Array(questions.map(({ last }) => last)),
      this.chain,
      limit,
    ]);
  }

  async submissionsOf(client: string, limit: number): Promise<LineageEntry[]> {
    const { lineage } = this.standing;
    const { pool, tokens } = this.context;
    const token = int8Array([clientToken(tokens, client)]);
    const rows = await run<{ seq: number }>(pool, submissionsOf(lineage), [token, this.chain, this.position, limit]);
    return this.entries(rows.map(({ seq }) => seq));
  }
}

/** Versions begin at 1. */
const NO_VERSION = 0;

function nameColumns(records: readonly RecordName[]): Buffer[] {
  return [
    textArray(records.map(({ source }) => source)),
    textArray(records.map(({ type }) => type)),
    textArray(records.map(({ id }) => id)),
  ];
}

function byQuestion(rows: readonly VersionRow[], count: number): VersionEntry[][] {
  const answers: VersionEntry[][] = Array.from({ length: count }, () => []);
  for (const row of rows) answers[row.question].push(versionEntry(row));
  return answers;
}

function versionEntry({ seq, version, kind, time }: VersionRow): VersionEntry {
  return {
    seq,
    version,
    time: new Date(time).toISOString(),
    isDeletion: kind === KIND.delete,
    isConfirmation: kind === KIND.confirm,
  };
}
