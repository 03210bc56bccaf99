import { type Pool } from 'pg';
import { type DataSource } from 'typeorm';
import { byteaArray, copiedEntry, copyRows, int8Array, int8Of, poolOf, run } from '@chartledger/database';
import {
  emptyHead,
  leafHash,
  ZERO_HASH,
  type Head,
  type Ledger,
  type LinkedEntry,
  type StoredEntry,
} from '@chartledger/ledger';
import { IntegrityError } from '@chartledger/platform';
import { ChainWakeUps } from './chain-wake-ups.js';
import {
  APPEND,
  CHAINS,
  envelopesQuery,
  EXTENT,
  GET,
  HEAD,
  OPEN_CHAIN,
  payloadsQuery,
  readQuery,
} from './ledger.queries.js';

/** Rows of one read: some 3 MB at 3 KB an entry. */
const READ_BATCH = 1024;
/** Reads under way while the caller works on a batch: they keep the database busy. 12 MB, however long the chain. */
const READ_AHEAD = 3;

/** The `Ledger` in an append-only PostgreSQL table. */
export class EmbeddedLedger implements Ledger {
  private readonly pool: Pool;
  private readonly opened = new Set<number>();

  private constructor(
    source: DataSource,
    private readonly wakeUps: ChainWakeUps,
  ) {
    this.pool = poolOf(source);
  }

  /** `source` MUST have the tables of `ledgerTables`. `close` gives back the connection that listens. */
  static async open(source: DataSource): Promise<EmbeddedLedger> {
    return new EmbeddedLedger(source, await ChainWakeUps.listen(poolOf(source)));
  }

  async close(): Promise<void> {
    await this.wakeUps.close();
  }

  async chains(): Promise<number[]> {
    const rows = await run<{ chain: number }>(this.pool, CHAINS, []);
    return rows.map((row) => row.chain);
  }

  async head(chain: number): Promise<Head> {
    const [row] = await run<HeadRow>(this.pool, HEAD, [chain]);
    if (!row) return emptyHead(chain);
    if ((row.last_seq ?? -1) !== row.seq || (row.envelope && !leafHash(row.envelope).equals(row.leaf))) {
      throw new IntegrityError(
        `chain ${chain}: the stored head (seq ${row.seq}) is not the last entry of the table (seq ${row.last_seq ?? -1}); run \`chartledger verify\` and restore the database from its backup`,
      );
    }
    return { chain, seq: row.seq, leaf: row.leaf, time: row.time };
  }

  /** As `read`, to the last row of the table, whatever the head says: what a verification reads. */
  async *readTable(chain: number, from: number, to?: number): AsyncIterable<StoredEntry[]> {
    yield* this.read(chain, from, to ?? (await this.extent(chain)));
  }

  /** One more than the last seq in the table, whatever the head says: where a verification must look. */
  async extent(chain: number): Promise<number> {
    const [row] = await run<{ extent: number }>(this.pool, EXTENT, [chain]);
    return row.extent;
  }

  async append(head: Head, entries: readonly LinkedEntry[]): Promise<boolean> {
    const last = entries.at(-1);
    if (!last) return true;
    await this.openChain(head.chain);
    const rows = await run(this.pool, APPEND, [
      head.chain,
      head.seq,
      head.leaf,
      last.seq,
      last.leaf,
      last.time,
      byteaArray(entries.map((entry) => entry.envelope)),
      byteaArray(entries.map((entry) => entry.payload)),
    ]);
    if (rows.length === 0) return false;
    this.wakeUps.wake(head.chain);
    return true;
  }

  async *read(chain: number, from: number, to?: number): AsyncIterable<StoredEntry[]> {
    const end = to ?? (await this.head(chain)).seq + 1;
    const ahead: Promise<StoredEntry[]>[] = [];
    let next = from;
    const readNext = (): void => {
      if (next >= end) return;
      const batch = this.readBatch(chain, next, Math.min(next + READ_BATCH, end));
      // An error is met where the batch is awaited; until then it must not end the process.
      batch.catch(() => undefined);
      ahead.push(batch);
      next += READ_BATCH;
    };
    for (let count = 0; count < READ_AHEAD; count += 1) readNext();
    while (ahead.length > 0) {
      const batch = await ahead.shift()!;
      readNext();
      if (batch.length > 0) yield batch;
    }
  }

  async get(chain: number, seqs: readonly number[]): Promise<(StoredEntry | undefined)[]> {
    const rows = await run<EntryRow>(this.pool, GET, [chain, int8Array(seqs)]);
    const large = rows.filter((row) => row.payload === null).map((row) => row.seq);
    const payloads = new Map(
      large.length === 0
        ? []
        : (await copyRows(this.pool, payloadsQuery(chain, large))).map(([seq, bytes]) => [int8Of(seq), bytes!]),
    );
    const bySeq = new Map(
      rows.map(({ seq, envelope, payload }) => [seq, { chain, seq, envelope, payload: payload ?? payloads.get(seq)! }]),
    );
    return seqs.map((seq) => bySeq.get(seq));
  }

  async envelopes(chain: number, from: number, to: number): Promise<Buffer[]> {
    const rows = await copyRows(this.pool, envelopesQuery(chain, from, to));
    return rows.map(([envelope]) => envelope!);
  }

  async *follow(chain: number, from: number, signal: AbortSignal): AsyncIterable<StoredEntry[]> {
    let next = from;
    while (!signal.aborted) {
      const grown = this.wakeUps.next(chain, signal);
      for await (const batch of this.read(chain, next)) {
        if (signal.aborted) return;
        yield batch;
        next = batch[batch.length - 1].seq + 1;
      }
      await grown;
    }
  }

  private async readBatch(chain: number, from: number, end: number): Promise<StoredEntry[]> {
    const rows = await copyRows(this.pool, readQuery(chain, from, end));
    return rows.map((row) => copiedEntry(chain, row));
  }

  private async openChain(chain: number): Promise<void> {
    if (this.opened.has(chain)) return;
    await run(this.pool, OPEN_CHAIN, [chain, ZERO_HASH]);
    this.opened.add(chain);
  }
}

interface EntryRow {
  seq: number;
  envelope: Buffer;
  payload: Buffer | null;
}

interface HeadRow {
  seq: number;
  leaf: Buffer;
  time: number;
  last_seq: number | null;
  envelope: Buffer | null;
}
