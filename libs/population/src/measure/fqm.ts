/*
 * What is used of fqm-execution: its own steps between the CQL engine and the results of a patient, without the results of
 * every clause, which it always makes and which take most of its time. It names them in no index, so its version is fixed
 * in package.json, and a test holds the results equal to its `Calculator.calculate`.
 */
import { createRequire } from 'node:module';
import { type Measure, type MeasureGroup, type Resource, type ValueSet } from './resources.js';

export interface PopulationResult {
  populationType: string | null;
  criteriaExpression?: string;
  populationId?: string;
  criteriaReferenceId?: string;
  result: boolean;
  observations?: number[] | null;
}

export interface StratifierResult {
  strataCode: string;
  result: boolean;
  appliesResult: boolean;
  strataId?: string;
}

export interface EpisodeResult {
  episodeId: string;
  populationResults: PopulationResult[];
  stratifierResults?: StratifierResult[];
}

/** What fqm-execution says of a patient in a group of a measure. */
export interface PatientGroupResult {
  groupId: string;
  populationResults?: PopulationResult[];
  episodeResults?: EpisodeResult[];
  stratifierResults?: StratifierResult[];
}

/** The values of a library's expressions for a patient, by name. */
export type StatementResults = Record<string, unknown>;

interface EngineResults {
  patientResults: Record<string, StatementResults>;
  patientEvaluatedRecords: Record<string, { _json: object }[]>;
}

/** Where the engine takes patients from, one after another. */
export interface DataProvider {
  currentPatient(): unknown;
  nextPatient(): unknown;
}

export interface PatientSource extends DataProvider {
  reset(): void;
  loadBundles(bundles: { resourceType: 'Bundle'; entry: { resource: Resource }[] }[]): void;
}

interface Repository {
  resolve(id: string, version?: string): unknown;
}

const require = createRequire(import.meta.url);
const within = createRequire(require.resolve('fqm-execution'));

const engine = within('cql-execution') as {
  DateTime: { fromJSDate(date: Date, offset: number): unknown };
  Interval: new (low: unknown, high: unknown) => unknown;
  Executor: new (
    library: unknown,
    codes: unknown,
    parameters: Record<string, unknown>,
  ) => { exec(source: DataProvider, now: unknown): Promise<EngineResults> };
};
const fhir = within('cql-exec-fhir') as {
  PatientSource: { FHIRv401(options: { requireProfileTagging: boolean }): PatientSource };
};
const { retrieveELMInfo } = within('fqm-execution/build/helpers/elm/ELMInfoCache.js') as {
  retrieveELMInfo(
    measure: Measure,
    bundle: { entry: { resource: object }[] },
    valueSets: readonly ValueSet[],
    cached: boolean,
  ): { rep: Repository; codeService: unknown; rootLibIdentifier: { id: string; version?: string } };
};
const { createPopulationValues } = within('fqm-execution/build/calculation/DetailedResultsBuilder.js') as {
  createPopulationValues(measure: Measure, group: MeasureGroup, results: StatementResults): PatientGroupResult;
};

export { createPopulationValues, engine, fhir, retrieveELMInfo, within };
