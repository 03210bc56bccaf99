import { type Pool } from 'pg';
import { int8Array, run, textArray } from '@chartledger/database';
import { type EntryOpener, type PayloadHeader, type ViewSet } from '@chartledger/projection';
import { currentByIdentifier, currentVersions, KIND, submissions, type VersionRow } from '@chartledger/records';
import { type Token } from '@chartledger/security';
import { IdentifierCache } from './identifier-cache.js';

/** What the sequencer must know of a record to decide. */
export interface RecordState {
  seq: number;
  version: number;
  deleted: boolean;
  /** Milliseconds since the epoch. */
  time: number;
  /** What was received as its current version; loaded only where a change may repeat it. */
  content?: { header: PayloadHeader; text: Buffer };
}

export interface RecordKey {
  source: string;
  type: string;
  id: string;
}

/** What a group of submissions will ask. */
export interface Questions {
  records: Map<string, RecordKey & { content: boolean }>;
  identifiers: Set<Token>;
  /** Tokens whose record's version will be asked for too. */
  existing: Map<string, { source: string; type: string }>;
  submissions: Set<string>;
}

/** An entry that the records view may not have yet. */
interface Recent {
  seq: number;
  record: string | undefined;
  identifiers: string[];
  submission: string | undefined;
}

/**
 * The state that decisions stand on: the records view, and over it what was sequenced since the view's position. One
 * sequencer owns a chain, so nothing else changes it.
 */
export class Registry {
  private readonly recent: Recent[] = [];
  private recentRecords = new Map<string, RecordState & { id: string; identifiers: string[] }>();
  private recentIdentifiers = new Map<string, Set<string>>();
  private recentSubmissions = new Map<string, { seq: number; parts: number }>();
  private cache = new IdentifierCache();
  private found = { records: new Map<string, RecordState>(), identifiers: new Map<string, { id: string }[]>() };
  private foundSubmissions = new Map<string, { seq: number; parts: number }>();

  constructor(
    private readonly pool: Pool,
    private readonly views: ViewSet,
    private readonly opener: EntryOpener,
    private readonly chain: number,
  ) {}

  /**
   * Loads the answers to the questions of a group. What the view already has is forgotten here first: any query made from
   * now on sees it.
   */
  async load(questions: Questions): Promise<void> {
    const view = this.views.view('records', this.chain);
    this.forgetUpTo(view.applied);
    this.found = { records: new Map(), identifiers: new Map() };
    this.foundSubmissions = new Map();
    const { schema } = view;
    await Promise.all([
      this.loadRecords(schema, questions.records),
      this.loadIdentifiers(schema, questions),
      this.loadSubmissions(schema, questions),
    ]);
    await this.loadRecords(schema, this.existingRecords(questions));
    await this.loadContents(questions);
  }

  record(key: string): RecordState | undefined {
    return this.recentRecords.get(key) ?? this.found.records.get(key);
  }

  /** The ids of the records whose current version has the identifier: none, one, or at least two. */
  byIdentifier(prefix: string, token: string): string[] {
    const ids = new Set<string>();
    for (const { id } of this.found.identifiers.get(token) ?? []) if (!this.recentRecords.has(prefix + id)) ids.add(id);
    for (const key of this.recentIdentifiers.get(token) ?? []) {
      const state = this.recentRecords.get(key);
      if (state && !state.deleted && state.identifiers.includes(token)) ids.add(state.id);
    }
    return [...ids];
  }

  submission(id: string): { seq: number; parts: number } | undefined {
    return this.recentSubmissions.get(id) ?? this.foundSubmissions.get(id);
  }

  /** Records a decision, before it is durable: the decisions after it stand on it. */
  remember(key: string, id: string, state: RecordState, identifiers: string[]): void {
    this.recent.push({ seq: state.seq, record: key, identifiers, submission: undefined });
    this.recentRecords.set(key, { ...state, id, identifiers });
    this.cache.forgetRecord(key);
    for (const token of identifiers) {
      this.cache.forgetToken(token);
      const keys = this.recentIdentifiers.get(token);
      if (keys) keys.add(key);
      else this.recentIdentifiers.set(token, new Set([key]));
    }
  }

  rememberSubmission(id: string, seq: number, parts: number): void {
    this.recent.push({ seq, record: undefined, identifiers: [], submission: id });
    this.recentSubmissions.set(id, { seq, parts });
  }

  /** What was remembered did not come to be, or others wrote: the view alone counts. It MUST be at the chain's head. */
  reset(): void {
    this.recent.length = 0;
    this.recentRecords = new Map();
    this.recentIdentifiers = new Map();
    this.recentSubmissions = new Map();
    this.cache = new IdentifierCache();
  }

  private forgetUpTo(seq: number): void {
    let count = 0;
    while (count < this.recent.length && this.recent[count].seq <= seq) {
      const { record, identifiers, submission } = this.recent[count++];
      if (submission) this.recentSubmissions.delete(submission);
      if (!record) continue;
      const state = this.recentRecords.get(record);
      const isNewer = state !== undefined && state.seq > seq;
      if (!isNewer) this.recentRecords.delete(record);
      for (const token of identifiers) {
        if (!isNewer || !state.identifiers.includes(token)) this.forgetIdentifier(token, record);
      }
    }
    if (count > 0) this.recent.splice(0, count);
  }

  private forgetIdentifier(token: string, record: string): void {
    const keys = this.recentIdentifiers.get(token);
    keys?.delete(record);
    if (keys?.size === 0) this.recentIdentifiers.delete(token);
  }

  private existingRecords({ existing }: Questions): Map<string, RecordKey> {
    const records = new Map<string, RecordKey>();
    for (const [token, { source, type }] of existing) {
      for (const { id } of this.found.identifiers.get(token) ?? [])
        records.set(`${source}/${type}/${id}`, { source, type, id });
    }
    return records;
  }

  private async loadRecords(schema: string, records: ReadonlyMap<string, RecordKey>): Promise<void> {
    const wanted = [...records].filter(([key]) => !this.recentRecords.has(key) && !this.found.records.has(key));
    if (wanted.length === 0) return;
    const column = (of: (key: RecordKey) => string): Buffer => textArray(wanted.map(([, key]) => of(key)));
    const rows = await run<VersionRow & { number: number; time: number }>(this.pool, currentVersions(schema), [
      column((key) => key.source),
      column((key) => key.type),
      column((key) => key.id),
    ]);
    for (const row of rows) {
      const { seq, version, time } = row;
      this.found.records.set(wanted[row.number - 1][0], { seq, version, deleted: row.kind === KIND.delete, time });
    }
  }

  private async loadIdentifiers(schema: string, questions: Questions): Promise<void> {
    const wanted: Token[] = [];
    for (const token of questions.identifiers) {
      const id = this.cache.get(token);
      if (id !== undefined) this.found.identifiers.set(token, [{ id }]);
      else wanted.push(token);
    }
    if (wanted.length === 0) return;
    const rows = await run<{ number: number; id: string }>(this.pool, currentByIdentifier(schema), [
      int8Array(wanted),
      this.chain,
    ]);
    for (const { number, id } of rows) {
      const token = wanted[number - 1];
      const others = this.found.identifiers.get(token);
      if (others) others.push({ id });
      else this.found.identifiers.set(token, [{ id }]);
    }
  }

  /** Keeps what a token was found to mean, once the caller knows whose record it is. */
  rememberFound(prefix: string, token: string): void {
    const found = this.found.identifiers.get(token);
    if (found?.length === 1 && !this.recentRecords.has(prefix + found[0].id) && !this.recentIdentifiers.has(token)) {
      this.cache.set(token, found[0].id, prefix + found[0].id);
    }
  }

  private async loadSubmissions(schema: string, questions: Questions): Promise<void> {
    const wanted = [...questions.submissions].filter((id) => !this.recentSubmissions.has(id));
    if (wanted.length === 0) return;
    const rows = await run<{ id: string; seq: number; parts: number }>(this.pool, submissions(schema), [
      textArray(wanted),
    ]);
    for (const { id, seq, parts } of rows) this.foundSubmissions.set(id, { seq, parts });
  }

  /** The current texts of records that a PUT may repeat. */
  private async loadContents(questions: Questions): Promise<void> {
    const wanted: RecordState[] = [];
    for (const [key, { content }] of questions.records) {
      const state = this.found.records.get(key);
      if (content && state && !state.deleted) wanted.push(state);
    }
    if (wanted.length === 0) return;
    const stored = await this.views.ledger.get(
      this.chain,
      wanted.map((state) => state.seq),
    );
    const opened = await this.opener.open(stored.map((entry) => entry!));
    wanted.forEach((state, index) => (state.content = opened[index].content));
  }
}
