import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/**
 * The folder with the test vectors and data that are not part of the repository: `CHARTLEDGER_SHARED`, or `../shared`
 * beside the repository. undefined where it is absent; then it says so on the console, once per spec file.
 */
export function sharedFolder(): string | undefined {
  // eslint-disable-next-line no-restricted-properties -- tests only: no part of a deployment reads this
  const folder = resolve(process.env.CHARTLEDGER_SHARED ?? join(REPOSITORY, '../shared'));
  if (existsSync(folder)) return folder;
  console.warn(`skipped: the shared folder ${folder} is absent; set CHARTLEDGER_SHARED to run the tests that need it`);
  return undefined;
}
