import { type Pool } from 'pg';
import { byteaArray, int4Array, int8Array, run, textArray, type Statement } from '@chartledger/database';
import { type FullTile, type SignedCheckpoint } from '@chartledger/ledger';

const TILE: Statement = {
  name: 'audit.tile',
  text: 'select hashes from audit.tile where chain = $1 and level = $2 and index = $3',
};

const SIGN: Statement = {
  name: 'audit.sign',
  text: `with tiles as (
      insert into audit.tile (chain, level, index, hashes)
      select $1, level, index, hashes from unnest($2::int4[], $3::int8[], $4::bytea[]) as tile (level, index, hashes)
      on conflict do nothing
    )
    insert into audit.checkpoint (chain, size, time, note) values ($1, $5, $6, $7) on conflict do nothing`,
};

const ADD_TILES: Statement = {
  name: 'audit.add-tiles',
  text: `insert into audit.tile (chain, level, index, hashes)
    select $1, level, index, hashes from unnest($2::int4[], $3::int8[], $4::bytea[]) as tile (level, index, hashes)
    on conflict do nothing`,
};

const ADD_CHECKPOINTS: Statement = {
  name: 'audit.add-checkpoints',
  text: `insert into audit.checkpoint (chain, size, time, note)
    select $1, size, time, note from unnest($2::int8[], $3::int8[], $4::text[]) as checkpoint (size, time, note)
    on conflict do nothing`,
};

const CHECKPOINT = `size::float8 as size, time::float8 as time, note from audit.checkpoint where chain = $1`;

const LAST: Statement = { name: 'audit.last', text: `select ${CHECKPOINT} order by size desc limit 1` };

const COVERING: Statement = {
  name: 'audit.covering',
  text: `select ${CHECKPOINT} and size > $2 order by audit.checkpoint.size limit 1`,
};

const RANGE: Statement = {
  name: 'audit.range',
  text: `select ${CHECKPOINT} and size between $2 and $3 order by audit.checkpoint.size`,
};

interface Row {
  size: number;
  time: number;
  note: string;
}

/** What was signed, and the complete tiles of what was signed: append-only tables beside the ledger's. */
export class CheckpointStore {
  constructor(private readonly pool: Pool) {}

  async tile(chain: number, level: number, index: number): Promise<Buffer | undefined> {
    const [row] = await run<{ hashes: Buffer }>(this.pool, TILE, [chain, level, index]);
    return row?.hashes;
  }

  /** One transaction: no checkpoint without its tiles. */
  async add(chain: number, tiles: readonly FullTile[], checkpoint: SignedCheckpoint): Promise<void> {
    await run(this.pool, SIGN, [
      chain,
      int4Array(tiles.map((tile) => tile.level)),
      int8Array(tiles.map((tile) => tile.index)),
      byteaArray(tiles.map((tile) => tile.hashes)),
      checkpoint.size,
      Date.parse(checkpoint.time),
      checkpoint.note,
    ]);
  }

  /** Puts back tiles that were stored once. Checkpoints over them MUST come after them. */
  async addTiles(chain: number, tiles: readonly FullTile[]): Promise<void> {
    await run(this.pool, ADD_TILES, [
      chain,
      int4Array(tiles.map((tile) => tile.level)),
      int8Array(tiles.map((tile) => tile.index)),
      byteaArray(tiles.map((tile) => tile.hashes)),
    ]);
  }

  /** Puts back checkpoints that were signed once. */
  async addCheckpoints(chain: number, checkpoints: readonly SignedCheckpoint[]): Promise<void> {
    await run(this.pool, ADD_CHECKPOINTS, [
      chain,
      int8Array(checkpoints.map(({ size }) => size)),
      int8Array(checkpoints.map(({ time }) => Date.parse(time))),
      textArray(checkpoints.map(({ note }) => note)),
    ]);
  }

  async last(chain: number): Promise<SignedCheckpoint | undefined> {
    const [row] = await run<Row>(this.pool, LAST, [chain]);
    return row && toCheckpoint(row);
  }

  /** The first checkpoint ever signed that covers the entry at `seq`. */
  async covering(chain: number, seq: number): Promise<SignedCheckpoint | undefined> {
    const [row] = await run<Row>(this.pool, COVERING, [chain, seq]);
    return row && toCheckpoint(row);
  }

  /** Every checkpoint with a size in the range, ascending. */
  async range(chain: number, from = 0, to = Number.MAX_SAFE_INTEGER): Promise<SignedCheckpoint[]> {
    return (await run<Row>(this.pool, RANGE, [chain, from, to])).map(toCheckpoint);
  }
}

function toCheckpoint({ size, time, note }: Row): SignedCheckpoint {
  return { size, time: new Date(time).toISOString(), note };
}
