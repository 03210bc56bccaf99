import { type StoredEntry } from '@chartledger/ledger';
import { openEntries } from '@chartledger/projection';
import { type DataKey } from '@chartledger/security';
import { transferableRows } from '../store/view-rows.js';
import { recordEntries } from './record-entry.js';
import { RowMaker, type MadeRows, type MadeView } from './row-maker.js';
import { OPENED_AT_ONCE } from './row-source.js';
import { viewSource } from './view-source.js';

const SECRET_BYTES = 32;

/** Entries with their keys, to be made into rows in another thread: few large buffers, which change hands without a copy. */
export interface RowRequest {
  id: number;
  /** The definition of a view comes with the first request that names it. */
  views: { no: number; definition?: string }[];
  chain: number;
  seqs: Float64Array<ArrayBuffer>;
  /** Envelope and payload of each entry, one after the other. */
  bytes: Uint8Array<ArrayBuffer>;
  lengths: Uint32Array<ArrayBuffer>;
  keys: { ids: string[]; commits: string[]; secrets: Uint8Array<ArrayBuffer> };
}

export type RowAnswer = { id: number; made: MadeRows } | { id: number; error: string };

export function rowRequest(
  id: number,
  views: RowRequest['views'],
  stored: readonly StoredEntry[],
  keys: ReadonlyMap<string, DataKey>,
): RowRequest {
  const parts = stored.flatMap(({ envelope, payload }) => [envelope, payload]);
  const lengths = Uint32Array.from(parts, ({ length }) => length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  const secrets = new Uint8Array(SECRET_BYTES * keys.size);
  const named = [...keys.values()];
  named.forEach(({ secret }, index) => secrets.set(secret, SECRET_BYTES * index));
  return {
    id,
    views,
    chain: stored[0]?.chain ?? 0,
    seqs: Float64Array.from(stored, ({ seq }) => seq),
    bytes,
    lengths,
    keys: { ids: named.map((key) => key.id), commits: named.map(({ commit }) => commit), secrets },
  };
}

export function transferableRequest({ seqs, bytes, lengths, keys }: RowRequest): ArrayBuffer[] {
  return [seqs.buffer, bytes.buffer, lengths.buffer, keys.secrets.buffer];
}

export function transferableMade({ records, views }: MadeRows): ArrayBuffer[] {
  const { ofType, keys, seqs, isHeld } = records;
  return [
    ofType.buffer,
    keys.buffer,
    seqs.buffer,
    isHeld.buffer,
    ...views.flatMap(({ packed }) => transferableRows(packed)),
  ];
}

/** The thread's side: answers one request after another, and keeps the views that it was told of. */
export class RowAnswers {
  private readonly known = new Map<number, MadeView>();

  /** @throws PayloadError. */
  answer({ views, ...request }: RowRequest): MadeRows {
    const maker = new RowMaker(views.map((view) => this.view(view)));
    const keys = keysOf(request.keys);
    const stored = entriesOf(request);
    for (let from = 0; from < stored.length; from += OPENED_AT_ONCE) {
      maker.add(recordEntries(openEntries(stored.slice(from, from + OPENED_AT_ONCE), keys)));
    }
    return maker.made();
  }

  private view({ no, definition }: RowRequest['views'][number]): MadeView {
    if (definition !== undefined) {
      this.known.set(no, { no, definition, source: viewSource(JSON.parse(definition)) });
    }
    return this.known.get(no)!;
  }
}

function keysOf({ ids, commits, secrets }: RowRequest['keys']): Map<string, DataKey> {
  const all = Buffer.from(secrets.buffer);
  return new Map(
    ids.map((id, index) => {
      const secret = all.subarray(SECRET_BYTES * index, SECRET_BYTES * (index + 1));
      return [id, { id, commit: commits[index], secret }];
    }),
  );
}

function entriesOf({ chain, seqs, bytes, lengths }: Omit<RowRequest, 'views'>): StoredEntry[] {
  const all = Buffer.from(bytes.buffer);
  let end = 0;
  const next = (length: number): Buffer => all.subarray(end, (end += length));
  return Array.from(seqs, (seq, index) => ({
    chain,
    seq,
    envelope: next(lengths[2 * index]),
    payload: next(lengths[2 * index + 1]),
  }));
}
