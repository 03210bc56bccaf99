import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

export const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const DEPLOY = join(REPOSITORY, 'deploy');
export const PROXY = join(DEPLOY, 'proxy');
export const KUBERNETES = join(DEPLOY, 'kubernetes');

/** Of the many shapes of Kubernetes' and others' documents; each test narrows what it looks at. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

/** The documents of a YAML file. @throws Error that names the file and the place, also for a key that comes twice. */
export function readYaml(file: string): Json[] {
  return parseAllDocuments(readFileSync(file, 'utf8'), { merge: true }).map((document) => {
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) throw new Error(`${relative(REPOSITORY, file)}: ${fault.message}`);
    return document.toJS();
  });
}

/** Every YAML file under a folder, with what `node_modules` and the jars of the local Kafka may hold left out. */
export function yamlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name) && !/(^|\/)(lib|node_modules|data)(\/|$)/.test(name))
    .map((name) => join(folder, name))
    .sort();
}
