import { ENTRY_LENGTH_BYTES, takeFrames } from './bundles.js';
import { type ChainSource, type LedgerSource, type SourceEntry } from './chain-source.js';
import { FormatError } from './format-error.js';
import { parseSignedCheckpoint, type SignedCheckpoint, signedSizeOf } from './signed-checkpoint.js';
import { type TileName, TILE_WIDTH, tilePath, tileWidth } from './tiles.js';

/** Payloads are fetched one by one; so many at a time keep the line busy without crowding the server. */
const PAYLOADS_AT_A_TIME = 16;

export interface HttpSourceOptions {
  /** Whether the payloads are fetched too; default false. */
  payloads?: boolean;
  /** Sent with each request, e.g. `authorization`. */
  headers?: Record<string, string>;
}

/** A ledger that is served over HTTP. `url` is the server's, e.g. `http://127.0.0.1:8080`. */
export async function readLedgerOverHttp(url: string, options: HttpSourceOptions = {}): Promise<LedgerSource> {
  const fetcher = new Fetcher(`${url.replace(/\/$/, '')}/ledger`, options.headers ?? {});
  const keys = (await fetcher.require('keys')).toString().split('\n');
  const listed = JSON.parse((await fetcher.require('chains')).toString()) as { chain: number }[];
  if (!Array.isArray(listed)) throw new FormatError('source_malformed', 'the list of chains is not a list');
  const chains = listed.map(({ chain }) => new HttpChain(fetcher, chain, options.payloads ?? false));
  return { keys: keys.filter((line) => line !== ''), chains };
}

/** Reads what the checkpoints cover and no more, as C2SP tlog-tiles asks of clients. */
class HttpChain implements ChainSource {
  #checkpoints: Promise<SignedCheckpoint[]> | undefined;

  constructor(
    private readonly fetcher: Fetcher,
    readonly chain: number,
    private readonly payloads: boolean,
  ) {}

  checkpoints(): Promise<SignedCheckpoint[]> {
    return (this.#checkpoints ??= this.#fetchCheckpoints());
  }

  async *entries(from: number, to = Infinity): AsyncGenerator<SourceEntry[]> {
    const size = signedSizeOf(await this.checkpoints());
    const end = Math.min(to, size);
    for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < end; index += 1) {
      const entries = (await this.#bundle(index, size)).filter(({ seq }) => seq >= from && seq < end);
      yield this.payloads ? await this.#withPayloads(entries) : entries;
    }
  }

  tile({ level, index, width }: TileName): Promise<Buffer | undefined> {
    return this.#tile({ level, index, width });
  }

  async #fetchCheckpoints(): Promise<SignedCheckpoint[]> {
    const list = JSON.parse((await this.fetcher.require(`chains/${this.chain}/checkpoints`)).toString()) as unknown;
    if (!Array.isArray(list)) throw new FormatError('source_malformed', 'the list of checkpoints is not a list');
    return list.map(parseSignedCheckpoint);
  }

  /** A bundle that ends inside an entry is handed out with the rest as an entry, for the verifier to name it. */
  async #bundle(index: number, size: number): Promise<SourceEntry[]> {
    const bundle = await this.#tile({ level: 'entries', index, width: tileWidth(0, index, size) });
    const { items, rest } = takeFrames(bundle ?? Buffer.alloc(0), ENTRY_LENGTH_BYTES);
    const envelopes = rest.length ? [...items, rest] : items;
    return envelopes.map((envelope, at) => ({ seq: index * TILE_WIDTH + at, envelope }));
  }

  /** A log MAY drop a partial tile once the full one is there. */
  async #tile(tile: TileName): Promise<Buffer | undefined> {
    const fetchTile = (width: number): Promise<Buffer | undefined> =>
      this.fetcher.find(`chains/${this.chain}/${tilePath({ ...tile, width })}`);
    return (await fetchTile(tile.width)) ?? (tile.width < TILE_WIDTH ? fetchTile(TILE_WIDTH) : undefined);
  }

  async #withPayloads(entries: readonly SourceEntry[]): Promise<SourceEntry[]> {
    const filled: SourceEntry[] = [];
    for (let at = 0; at < entries.length; at += PAYLOADS_AT_A_TIME) {
      const fetched = entries.slice(at, at + PAYLOADS_AT_A_TIME).map(async (entry) => ({
        ...entry,
        payload: await this.fetcher.find(`chains/${this.chain}/entries/${entry.seq}/payload`),
      }));
      filled.push(...(await Promise.all(fetched)));
    }
    return filled;
  }
}

class Fetcher {
  constructor(
    private readonly base: string,
    private readonly headers: Record<string, string>,
  ) {}

  /** The body; undefined for 404. */
  async find(path: string): Promise<Buffer | undefined> {
    const response = await fetch(`${this.base}/${path}`, { headers: this.headers });
    const body = Buffer.from(await response.arrayBuffer());
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`GET ${this.base}/${path} was answered with ${response.status}`);
    return body;
  }

  async require(path: string): Promise<Buffer> {
    const body = await this.find(path);
    if (!body) throw new Error(`${this.base}/${path} does not exist`);
    return body;
  }
}
