import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { commandOf, until } from './processes.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const POM = join(HERE, 'pom.xml');
const LOCK = join(HERE, 'lib.lock');
/** 44 MB from a repository that may be slow. */
const MAVEN_MS = 600_000;

/** The folder of the broker's jars. */
export const LIB = join(HERE, 'lib');

/** Whether some version of the jars is there, so that Maven is probably not needed. */
export function jarsAreThere() {
  return existsSync(join(LIB, 'pom.xml'));
}

/** Lets Maven copy the jars that pom.xml names, once for each content of pom.xml. Safe to call in several processes at once. */
export async function provideJars() {
  if (await areCurrent()) return;
  await locked(async () => {
    if (await areCurrent()) return;
    console.error('kafka-local: copying the jars of the broker with Maven, once');
    const folder = await mkdtemp(join(HERE, 'lib.'));
    try {
      await copyJars(folder);
      await copyFile(POM, join(folder, 'pom.xml'));
      await rm(LIB, { recursive: true, force: true });
      await rename(folder, LIB);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function areCurrent() {
  return jarsAreThere() && (await readFile(join(LIB, 'pom.xml'))).equals(await readFile(POM));
}

async function copyJars(folder) {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  try {
    await promisify(execFile)('mvn', ['-q', '-B', '-f', POM, ...goal], { timeout: MAVEN_MS });
  } catch (error) {
    throw new Error(`Maven could not copy the jars of the broker: ${error.stdout || error.message}`, { cause: error });
  }
}

/** One process at a time. The lock names its process, so that one which was killed holds nobody up. */
async function locked(work) {
  await until('the lock on the jars', MAVEN_MS, async () => {
    try {
      await writeFile(LOCK, String(process.pid), { flag: 'wx' });
      return true;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(LOCK, 'utf8').catch(() => ''));
    if (holder > 0 && commandOf(holder) === '') await rm(LOCK, { force: true });
    return false;
  });
  try {
    return await work();
  } finally {
    await rm(LOCK, { force: true });
  }
}
