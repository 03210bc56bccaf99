/**
 * Makes the three keys of a new ledger in a folder: `node deploy/make-keys.mjs DIR`. Where all three are, it leaves them.
 * Exit codes: 0 the keys are there, 1 some are and some are not, 2 could not run.
 *
 * A single process makes its keys itself. Several must share them, so they are made before the first one starts.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `openKeyFiles` in libs/security reads 32 bytes in base64. */
const secret = () => `${randomBytes(32).toString('base64')}\n`;
const KEYS = {
  kek: secret,
  pseudonym: secret,
  'ledger-ed25519.pem': () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
};

/** @returns {number} the exit code */
function makeKeys(folder) {
  const missing = Object.keys(KEYS).filter((name) => !existsSync(join(folder, name)));
  if (missing.length === 0) return say(0, `${folder} has its keys: they are left as they are`);
  if (missing.length < Object.keys(KEYS).length) {
    return say(
      1,
      `${missing.join(', ')} missing in ${folder}: restore the folder from its backup, a new key fits no ledger`,
    );
  }
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  for (const name of missing) writeFileSync(join(folder, name), KEYS[name](), { mode: 0o600, flag: 'wx' });
  return say(0, `made ${missing.join(', ')} in ${folder}: back them up now, apart from the database`);
}

function say(code, message) {
  process.stderr.write(`${message}\n`);
  return code;
}

const [folder] = process.argv.slice(2);
try {
  process.exitCode = folder ? makeKeys(folder) : say(2, 'usage: node deploy/make-keys.mjs DIR');
} catch (error) {
  process.exitCode = say(2, `the keys could not be made: ${error.message}`);
}
