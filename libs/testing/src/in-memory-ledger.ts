import { EventEmitter, once } from 'node:events';
import { emptyHead, type Head, headAfter, type Ledger, type LinkedEntry, type StoredEntry } from '@chartledger/ledger';

/** Entries in a batch that is read. Small, so that tests meet more than one batch. */
const BATCH_ENTRIES = 256;

interface StoredChain {
  head: Head;
  entries: StoredEntry[];
}

/** What handles of one ledger share: the place of a database in the real drivers. */
export class InMemoryStore {
  readonly chains = new Map<number, StoredChain>();
  /** Emits the chain's number when entries were appended. */
  readonly appended = new EventEmitter().setMaxListeners(0);
}

/** A Ledger that forgets everything with the process; the ledger contract holds it to what the real drivers do. */
export class InMemoryLedger implements Ledger {
  constructor(private readonly store = new InMemoryStore()) {}

  /** Another handle of the same store, as another process would have. */
  another(): InMemoryLedger {
    return new InMemoryLedger(this.store);
  }

  async chains(): Promise<number[]> {
    return [...this.store.chains.keys()].sort((a, b) => a - b);
  }

  async head(chain: number): Promise<Head> {
    return this.store.chains.get(chain)?.head ?? emptyHead(chain);
  }

  async append(head: Head, entries: readonly LinkedEntry[]): Promise<boolean> {
    const current = this.store.chains.get(head.chain)?.head ?? emptyHead(head.chain);
    if (current.seq !== head.seq || !current.leaf.equals(head.leaf)) return false;
    if (!entries.length) return true;
    const stored = this.store.chains.get(head.chain)?.entries ?? [];
    for (const entry of entries) stored.push(copyOf(entry));
    this.store.chains.set(head.chain, { head: headAfter(current, entries), entries: stored });
    this.store.appended.emit(String(head.chain));
    return true;
  }

  async *read(chain: number, from: number, to = Infinity): AsyncGenerator<StoredEntry[]> {
    const stored = this.store.chains.get(chain)?.entries ?? [];
    const end = Math.min(to, stored.length);
    for (let at = from; at < end; at += BATCH_ENTRIES) yield stored.slice(at, Math.min(at + BATCH_ENTRIES, end));
  }

  async get(chain: number, seqs: readonly number[]): Promise<(StoredEntry | undefined)[]> {
    const stored = this.store.chains.get(chain)?.entries ?? [];
    return seqs.map((seq) => stored[seq]);
  }

  async envelopes(chain: number, from: number, to: number): Promise<Buffer[]> {
    const stored = this.store.chains.get(chain)?.entries ?? [];
    return stored.slice(from, to).map((entry) => entry.envelope);
  }

  async *follow(chain: number, from: number, signal: AbortSignal): AsyncGenerator<StoredEntry[]> {
    let next = from;
    while (!signal.aborted) {
      const appended = once(this.store.appended, String(chain), { signal }).catch(() => undefined);
      for await (const batch of this.read(chain, next)) {
        if (signal.aborted) return;
        next += batch.length;
        yield batch;
      }
      await appended;
    }
  }
}

/** A store keeps bytes, not the caller's buffers. */
function copyOf({ chain, seq, envelope, payload }: LinkedEntry): StoredEntry {
  return { chain, seq, envelope: Buffer.from(envelope), payload: Buffer.from(payload) };
}
