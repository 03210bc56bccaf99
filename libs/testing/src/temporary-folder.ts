import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder that the user `postgres` may pass through: as root, the embedded PostgreSQL runs as that user. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chartledger-test-'));
  await chmod(folder, 0o755);
  return folder;
}
