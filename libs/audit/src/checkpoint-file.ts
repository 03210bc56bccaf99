import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseSignedCheckpoint, type SignedCheckpoint } from '@chartledger/ledger';

/** The last checkpoint, with the leaf hashes of the tile that was not complete then (none where it was). */
export interface KeptCheckpoint extends SignedCheckpoint {
  edge: Buffer;
}

/**
 * The last checkpoint of a chain, kept outside the database too: whoever cuts the tail off the ledger and the checkpoints
 * in the database is still found out. The edge tells which of the last entries was altered; only complete tiles are stored.
 */
export class CheckpointFile {
  private readonly path: string;

  constructor(dataDir: string, chain: number) {
    this.path = join(dataDir, 'checkpoints', `chain-${chain}.json`);
  }

  async read(): Promise<KeptCheckpoint | undefined> {
    if (!existsSync(this.path)) return undefined;
    const value = JSON.parse(await readFile(this.path, 'utf8')) as { edge?: string };
    return { ...parseSignedCheckpoint(value), edge: Buffer.from(value.edge ?? '', 'base64') };
  }

  /** Replaces the file in one step, so that a crash leaves the old one or the new one. */
  async write({ edge, ...checkpoint }: KeptCheckpoint): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const draft = `${this.path}.new`;
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ ...checkpoint, edge: edge.toString('base64') })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.path);
  }
}
