import { type StoredEntry } from '@chartledger/ledger';
import { type EntryOpener } from '@chartledger/projection';
import { recordEntries } from './record-entry.js';
import { RowMaker, type MadeRows, type MadeView } from './row-maker.js';

/** Opened at a time: what is decrypted and parsed can be forgotten before the next. */
export const OPENED_AT_ONCE = 64;

/** Opens entries of one chain and makes the rows of views from them, here or elsewhere. */
export interface RowSource {
  /** @param stored of one chain, in order. @throws PayloadError, NotFoundError. */
  make(views: readonly MadeView[], stored: readonly StoredEntry[]): Promise<MadeRows>;
  /** Gives back what it holds; it may be called again. */
  rest(): Promise<void>;
}

/** In this thread. */
export class LocalRows implements RowSource {
  constructor(private readonly opener: EntryOpener) {}

  async make(views: readonly MadeView[], stored: readonly StoredEntry[]): Promise<MadeRows> {
    const maker = new RowMaker(views);
    for (let from = 0; from < stored.length; from += OPENED_AT_ONCE) {
      maker.add(recordEntries(await this.opener.open(stored.slice(from, from + OPENED_AT_ONCE))));
    }
    return maker.made();
  }

  async rest(): Promise<void> {
    // It holds nothing.
  }
}
