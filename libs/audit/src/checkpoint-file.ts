import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseSignedCheckpoint, type SignedCheckpoint } from '@chartledger/ledger';

/**
 * The last checkpoint of a chain, kept outside the database too: whoever cuts the tail off the ledger and the checkpoints
 * in the database is still found out.
 */
export class CheckpointFile {
  private readonly path: string;

  constructor(dataDir: string, chain: number) {
    this.path = join(dataDir, 'checkpoints', `chain-${chain}.json`);
  }

  async read(): Promise<SignedCheckpoint | undefined> {
    if (!existsSync(this.path)) return undefined;
    return parseSignedCheckpoint(JSON.parse(await readFile(this.path, 'utf8')));
  }

  /** Replaces the file in one step, so that a crash leaves the old one or the new one. */
  async write(checkpoint: SignedCheckpoint): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const draft = `${this.path}.new`;
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(checkpoint)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.path);
  }
}
