/*
 * Translates the CQL of the starting set to the ELM that is checked in beside it: node tools/cql/translate.mjs
 * Needs a JDK 17 and Maven, which gets the translator (info.cqframework:cql-to-elm) from Maven Central.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const here = dirname(fileURLToPath(import.meta.url));
const measures = join(here, '../../libs/population/src/starting-set/measures');
const work = mkdtempSync(join(tmpdir(), 'chartledger-cql-'));
const run = (program, ...parameters) => execFileSync(program, parameters, { stdio: 'inherit' });

try {
  const [jars, elms] = [join(work, 'jars'), join(work, 'elm')];
  run('mvn', '-q', '-B', '-f', join(here, 'pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`);
  mkdirSync(elms);
  run('java', '-cp', `${jars}/*`, join(here, 'Translate.java'), join(measures, 'cql'), elms);
  mkdirSync(join(measures, 'elm'), { recursive: true });
  for (const file of readdirSync(elms)) {
    const name = basename(file, '.json');
    const cql = readFileSync(join(measures, 'cql', `${name}.cql`), 'utf8');
    const elm = JSON.stringify(JSON.parse(readFileSync(join(elms, file), 'utf8')));
    const path = join(measures, 'elm', `${name}.elm.ts`);
    const source = `// Made by tools/cql from cql/${name}.cql: do not edit.\nexport const CQL = ${JSON.stringify(cql)};\nexport const ELM = ${JSON.stringify(elm)};\n`;
    writeFileSync(path, await format(source, { ...(await resolveConfig(path)), filepath: path }));
  }
} finally {
  rmSync(work, { recursive: true });
}
