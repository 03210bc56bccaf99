import { type CheckpointFile, type CheckpointStore } from '@chartledger/audit';
import {
  headAfter,
  leafHash,
  readAhead,
  readEnvelope,
  TILE_WIDTH,
  tilesOfTree,
  type FullTile,
  type Head,
  type Ledger,
  type LinkedEntry,
  type SourceEntry,
} from '@chartledger/ledger';
import { ChartledgerError } from '@chartledger/platform';
import { type BackedUpChain } from './check-folder.js';

/** Of one append: enough that its commit counts little, and one send over Kafka. */
const APPEND_ENTRIES = 2_000;
const APPEND_BYTES = 6 * 1024 * 1024;
/** 2 MB. */
const TILES_AT_ONCE = 256;
const CHECKPOINTS_AT_ONCE = 5_000;

/**
 * Appends what comes after `head` exactly as it was.
 * @throws Error when somebody else writes to the chain, or an entry does not fit into the target; what was appended before stays.
 */
export async function restoreEntries(
  ledger: Ledger,
  { source, checkpoint }: BackedUpChain,
  head: Head,
  onProgress: (entries: number) => void,
): Promise<void> {
  let end = head;
  for await (const batch of readAhead(appends(source.entries(head.seq + 1, checkpoint.size)))) {
    const isAppended = await ledger.append(end, batch).catch((error: Error): never => {
      const range = `${head.chain}:${batch[0].seq} to ${head.chain}:${batch[batch.length - 1].seq}`;
      const advice =
        error instanceof ChartledgerError && error.code === 'too-long'
          ? 'This ledger cannot be moved to a topic with that limit'
          : 'Run the same command again: it goes on where it stopped';
      throw new Error(`the entries ${range} could not be appended: ${error.message}. ${advice}`, { cause: error });
    });
    if (!isAppended) {
      throw new Error(
        `chain ${head.chain}: another process writes to the target: stop it, and restore into an empty one`,
      );
    }
    end = headAfter(end, batch);
    onProgress(end.seq + 1);
  }
}

/** The complete tiles, and then the checkpoints over them. */
export async function restoreCheckpoints(store: CheckpointStore, backedUp: BackedUpChain): Promise<void> {
  const { chain, copied, checkpoints, checkpoint } = backedUp;
  let tiles: FullTile[] = [];
  for (const { level, index, width } of tilesOfTree(checkpoint.size)) {
    if (width < TILE_WIDTH) continue;
    tiles.push({ level, index, hashes: await copied.hashes(level, index, TILE_WIDTH) });
    if (tiles.length < TILES_AT_ONCE) continue;
    await store.addTiles(chain, tiles);
    tiles = [];
  }
  await store.addTiles(chain, tiles);
  for (let from = 0; from < checkpoints.length; from += CHECKPOINTS_AT_ONCE) {
    await store.addCheckpoints(chain, checkpoints.slice(from, from + CHECKPOINTS_AT_ONCE));
  }
}

/** The last checkpoint, outside the database too. A server holds the log to it: it does not start before all entries are there. */
export async function restoreCheckpointFile(
  file: CheckpointFile,
  { copied, checkpoint }: BackedUpChain,
): Promise<void> {
  const { size, time, note } = checkpoint;
  const edge = await copied.hashes(0, Math.floor(size / TILE_WIDTH), size % TILE_WIDTH);
  await file.write({ size, time, note, edge });
}

async function* appends(entries: AsyncIterable<SourceEntry[]>): AsyncGenerator<LinkedEntry[]> {
  let batch: LinkedEntry[] = [];
  let bytes = 0;
  for await (const run of entries) {
    for (const entry of run) {
      const size = entry.envelope.length + entry.payload!.length;
      if (batch.length >= APPEND_ENTRIES || (batch.length > 0 && bytes + size > APPEND_BYTES)) {
        yield batch;
        batch = [];
        bytes = 0;
      }
      batch.push(linked(entry));
      bytes += size;
    }
  }
  if (batch.length > 0) yield batch;
}

function linked({ seq, envelope, payload }: SourceEntry): LinkedEntry {
  const fields = readEnvelope(envelope);
  const time = Date.parse(fields.time);
  return { chain: fields.chain, seq, envelope, payload: payload!, leaf: leafHash(envelope), fields, time };
}
