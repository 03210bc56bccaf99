import { rename, rm } from 'node:fs/promises';
import { inMemory } from './in-memory.js';
import { literal } from './names.js';

/**
 * Writes what a DuckDB file has to a new one in its place. Rows that were deleted stay in the bytes of a file until others
 * are written over them; the new one never had them. A kill before the end leaves the file as it was.
 *
 * @param path of a file that nobody has open. @param changes statements on the new one, whose name is `target`.
 */
export async function rewriteFile(path: string, changes: readonly string[] = []): Promise<void> {
  const copy = `${path}.new`;
  await rm(copy, { force: true });
  await rm(`${copy}.wal`, { force: true });
  await inMemory(async (connection) => {
    await connection.run(`attach ${literal(path)} as source (read_only)`);
    await connection.run(`attach ${literal(copy)} as target`);
    await connection.run('copy from database source to target');
    for (const change of changes) await connection.run(change);
    await connection.run('detach target');
    await connection.run('detach source');
  });
  await rename(copy, path);
  await rm(`${path}.wal`, { force: true });
}
