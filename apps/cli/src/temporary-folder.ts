import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that the embedded PostgreSQL may enter though it runs as another user when this one is root. */
export async function temporaryFolder(purpose: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `chartledger-${purpose}-`));
  await chmod(dir, 0o755);
  return dir;
}
