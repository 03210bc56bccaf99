import { LogicError } from './logic-error.js';
import {
  createPopulationValues,
  engine,
  fhir,
  retrieveELMInfo,
  type PatientGroupResult,
  type DataProvider,
  type PatientSource,
  type PopulationResult,
  type StatementResults,
  type StratifierResult,
} from './fqm.js';
import { decodeElm, expressionWith } from './elm.js';
import { mainLibrary, type MeasurePackage } from './measure-package.js';
import { type Period } from './period.js';
import { populationType, type Measure, type MeasureGroup, type Resource } from './resources.js';
import {
  type Evaluation,
  type GroupResult,
  type Membership,
  type SupplementalValue,
  type Unit,
} from './subject-result.js';

interface Prepared {
  measure: Measure;
  executor: InstanceType<typeof engine.Executor>;
}

/** FHIR's model is read from XML once in a thread: it takes longer than to evaluate a patient. */
let model: PatientSource | undefined;

/**
 * Evaluates a measure for one patient after another. What it says is a function of the package, the period and the
 * records: `Now()` and `Today()` are the end of the period, so that a number can be computed again.
 */
export class SubjectEvaluator {
  private readonly prepared: Prepared[];
  private readonly now: unknown;

  /** @throws Error where a library that the logic includes is missing; `checkPackage` says it with its place. */
  constructor(
    private readonly measurePackage: MeasurePackage,
    period: Period,
  ) {
    const instant = (text: string): unknown => engine.DateTime.fromJSDate(new Date(text), 0);
    const parameters = { 'Measurement Period': new engine.Interval(instant(period.start), instant(period.end)) };
    this.now = instant(period.end);
    this.prepared = measurePackage.measures.map((measure) => {
      const { libraries, valueSets } = measurePackage;
      const entry = [measure, ...libraries].map((resource) => ({ resource: structuredClone(resource) }));
      const own = entry[0].resource as Measure;
      // fqm-execution finds no library by a canonical URL with a version.
      own.library = [`Library/${mainLibrary(measure, libraries)?.id}`];
      const { rep, codeService, rootLibIdentifier } = retrieveELMInfo(own, { entry }, valueSets, false);
      const library = rep.resolve(rootLibIdentifier.id, rootLibIdentifier.version);
      return { measure, executor: new engine.Executor(library, codeService, parameters) };
    });
  }

  /**
   * @param records of one patient, with exactly one Patient among them, which is what the logic knows by that name.
   * @throws LogicError.
   */
  async evaluate(records: Resource[]): Promise<Evaluation> {
    const places = new Map<object, number>(records.map((record, index) => [record, index]));
    const touched = new Set<number>();
    const groups: GroupResult[] = [];
    const supplemental: SupplementalValue[] = [];
    for (const [index, { measure, executor }] of this.prepared.entries()) {
      const { values, evaluated } = await this.execute(executor, records);
      for (const record of evaluated) touched.add(places.get(record)!);
      (measure.group ?? []).forEach((group, number) => {
        groups.push(groupResult(index, number, group, createPopulationValues(measure, group, values)));
      });
      supplemental.push(...supplementalValues(measure, values));
    }
    return { result: { groups }, touched: [...touched].sort((a, b) => a - b), supplemental };
  }

  private async execute(
    executor: Prepared['executor'],
    records: Resource[],
  ): Promise<{ values: StatementResults; evaluated: object[] }> {
    const source = patientSource(records);
    try {
      const { patientResults, patientEvaluatedRecords } = await executor.exec(source, this.now);
      const [id] = Object.keys(patientResults);
      return { values: patientResults[id], evaluated: patientEvaluatedRecords[id].map(({ _json }) => _json) };
    } catch (error) {
      throw logicError(error, this.measurePackage);
    }
  }
}

/** A source of one patient that is not shared: evaluations on a thread take turns whenever the engine awaits. */
function patientSource(records: readonly Resource[]): DataProvider {
  model ??= fhir.PatientSource.FHIRv401({ requireProfileTagging: false });
  model.reset();
  model.loadBundles([{ resourceType: 'Bundle', entry: records.map((resource) => ({ resource })) }]);
  let patient: unknown = model.currentPatient();
  return { currentPatient: () => patient, nextPatient: () => (patient = undefined) };
}

/** The engine's messages may quote a patient's data: only the place is taken from them. */
function logicError(error: unknown, { libraries }: MeasurePackage): LogicError {
  const { libraryName = '', expressionName, localId, locator } = error as Record<string, string | undefined>;
  const elm = libraries.map(decodeElm).find(({ library }) => libraryName.startsWith(library.identifier.id));
  const expression = elm && localId !== undefined ? expressionWith(elm, localId) : undefined;
  return new LogicError(
    elm?.library.identifier.id ?? libraryName,
    expression ?? expressionName ?? 'an expression',
    locator,
  );
}

function groupResult(measure: number, index: number, group: MeasureGroup, result: PatientGroupResult): GroupResult {
  const { episodeResults, populationResults = [], stratifierResults } = result;
  return {
    measure,
    group: index,
    countsEpisodes: episodeResults !== undefined,
    subject: {
      memberships: memberships(group, populationResults),
      strata: strata(group, stratifierResults, (one) => one.appliesResult),
    },
    episodes: (episodeResults ?? []).map((episode) => ({
      memberships: memberships(group, episode.populationResults),
      strata: strata(group, episode.stratifierResults, (one) => one.result),
    })),
  };
}

/** Which population of the group a result is about: by its id where it has one, else by its type and its expression. */
function memberships(group: MeasureGroup, results: readonly PopulationResult[]): Membership[] {
  const populations = group.population ?? [];
  return results.map((result) => {
    const isSame = (index: number): boolean =>
      populationType(populations[index]) === (result.populationType ?? undefined) &&
      populations[index].criteria.expression === result.criteriaExpression &&
      (result.populationId === undefined || populations[index].id === result.populationId);
    const population = populations.findIndex((_, index) => isSame(index));
    const observations = result.observations?.filter((value) => value != null);
    return { population, isMember: result.result, ...(observations ? { observations } : {}) };
  });
}

function strata(
  group: MeasureGroup,
  results: readonly StratifierResult[] | undefined,
  isIn: (result: StratifierResult) => boolean,
): Unit['strata'] {
  const stratifiers = group.stratifier ?? [];
  return (results ?? [])
    .filter(isIn)
    .map(({ strataCode }) =>
      stratifiers.findIndex((one, index) => (one.code?.text ?? one.id ?? `strata-${index + 1}`) === strataCode),
    );
}

function supplementalValues(measure: Measure, values: StatementResults): SupplementalValue[] {
  return (measure.supplementalData ?? []).flatMap(({ code, criteria, id }): SupplementalValue[] => {
    const value = values[criteria.expression ?? ''];
    if (value == null) return [];
    const name = code?.text ?? id ?? criteria.expression!;
    const coding = (Array.isArray(value) ? value : [value]).map(codeOf).filter((one) => one !== undefined);
    if (coding.length > 0) return [{ name, coding }];
    return ['string', 'number', 'boolean'].includes(typeof value) ? [{ name, text: String(value) }] : [];
  });
}

/** A code of CQL or a Coding of FHIR, as the engine wraps it. */
function codeOf(value: unknown): NonNullable<SupplementalValue['coding']>[number] | undefined {
  const one = value as Record<string, unknown> | null;
  const text = (field: unknown): string | undefined => {
    const inner = typeof field === 'object' && field !== null ? (field as { value?: unknown }).value : field;
    return typeof inner === 'string' ? inner : undefined;
  };
  const code = text(one?.['code']);
  if (code === undefined) return undefined;
  const [system, display] = [text(one!['system']), text(one!['display'])];
  return { ...(system ? { system } : {}), code, ...(display ? { display } : {}) };
}
