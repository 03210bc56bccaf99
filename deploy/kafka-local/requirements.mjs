import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { jarsAreThere } from './jars.mjs';

/** Kafka 4 needs it. */
const JAVA_MAJOR = 17;

/** The `java` to run: of JAVA_HOME, else of the PATH. */
export const JAVA = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';

/** What to install before a local broker can start; undefined when nothing is missing. Maven is needed for the first start only. */
export function kafkaMissing() {
  const missing = [];
  const major = javaMajor(spawnSync(JAVA, ['-version'], { encoding: 'utf8' }).stderr ?? '');
  if (major === undefined || major < JAVA_MAJOR)
    missing.push(
      `a JDK ${JAVA_MAJOR} or later (${major === undefined ? `no ${JAVA} was found` : `${JAVA} is version ${major}`})`,
    );
  if (!jarsAreThere() && spawnSync('mvn', ['-v']).status !== 0) missing.push('Maven (no mvn was found)');
  return missing.length === 0 ? undefined : `a local Kafka needs ${missing.join(' and ')}: install it and try again`;
}

/** 17 out of `openjdk version "17.0.15"`, 8 out of `java version "1.8.0_392"`; undefined when it is no such text. */
export function javaMajor(versionText) {
  const match = /version "(?:1\.)?(\d+)/.exec(versionText);
  return match ? Number(match[1]) : undefined;
}
