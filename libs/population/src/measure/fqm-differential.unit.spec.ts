import { describe, expect, it } from '@jest/globals';
import { Calculator } from 'fqm-execution';
import fc from 'fast-check';
import { aggregate, AGGREGATE_METHODS } from './aggregate.js';
import { CompositeFault } from './composite-tally.js';
import { SubjectEvaluator } from './evaluate-subject.js';
import {
  FQM_OPTIONS,
  getReportBuilder,
  readVector,
  RepeatingPatients,
  resourcesOf,
  VECTOR_NAMES,
  VECTOR_PERIOD,
  type Report,
  type Vector,
} from './fqm-vectors.fixture.js';
import { type EpisodeResult, type PatientGroupResult, type PopulationResult } from './fqm.js';
import { packageOfBundle, type MeasurePackage } from './measure-package.js';
import { populationType, type MeasureGroup } from './resources.js';
import { type Evaluation, type GroupResult, type SubjectResult, type Unit } from './subject-result.js';
import { summarize, type Summary } from './summary.js';

/** fqm-execution counts nothing in a ratio, but for observations under two fixed names. */
const RATIO = 'ratio-Encounter-reuseObservationFunction';

/** Populations in one form for both. */
const said = (group: MeasureGroup, unit: Unit): object[] =>
  unit.memberships.map(({ population, isMember, observations }) => ({
    type: populationType(group.population![population]),
    expression: group.population![population].criteria.expression,
    isMember,
    observations: observations ?? [],
  }));
const meant = (results: readonly PopulationResult[]): object[] =>
  results.map((one) => ({
    type: one.populationType,
    expression: one.criteriaExpression,
    isMember: one.result,
    observations: (one.observations ?? []).filter((value) => value != null),
  }));

interface Theirs {
  patientId: string;
  detailedResults: PatientGroupResult[];
  evaluatedResource: object[];
}

const options = (patients: Vector['patients']): never =>
  ({ ...FQM_OPTIONS, patientSource: new RepeatingPatients(patients), reportType: 'summary' }) as never;
const calculate = async ({ bundle, patients }: Vector): Promise<{ results: Theirs[]; report: Report }> => {
  const asked = options(patients);
  const calculated = await Calculator.calculate(structuredClone(bundle) as never, [], asked);
  const builder = getReportBuilder(bundle, asked);
  builder.addAllResults(calculated.results);
  return { results: calculated.results as unknown as Theirs[], report: builder.getReport() };
};
const evaluateAll = async ({
  bundle,
  patients,
}: Vector): Promise<{ measurePackage: MeasurePackage; evaluations: Evaluation[]; results: SubjectResult[] }> => {
  const measurePackage = packageOfBundle(bundle);
  const evaluator = new SubjectEvaluator(measurePackage, VECTOR_PERIOD);
  const evaluations: Evaluation[] = [];
  for (const patient of patients) evaluations.push(await evaluator.evaluate(resourcesOf(patient)));
  return { measurePackage, evaluations, results: evaluations.map(({ result }) => result) };
};
const scores = ({ groups }: Summary): number[] =>
  groups.map((group) => ('counts' in group ? group.counts : group).score ?? 0);

it.each(VECTOR_NAMES)('%s: every patient, and their sum, is as fqm-execution says', async (name) => {
  const vector = readVector(name);
  const { results, report } = await calculate(vector);
  expect(results).toHaveLength(vector.patients.length);
  const { measurePackage, evaluations, results: own } = await evaluateAll(vector);
  const groupOf = ({ measure, group }: GroupResult): MeasureGroup => measurePackage.measures[measure].group![group];
  vector.patients.forEach((patient, index) => {
    const records = resourcesOf(patient);
    const { result, touched } = evaluations[index];
    const id = records.find(({ resourceType }) => resourceType === 'Patient')!.id;
    const theirs = results.find(({ patientId }) => patientId === id)!;
    expect(result.groups.map((one) => said(groupOf(one), one.subject))).toEqual(
      theirs.detailedResults.map((one) => meant(one.populationResults ?? [])),
    );
    expect(result.groups.map((one) => one.episodes.map((unit) => said(groupOf(one), unit)))).toEqual(
      theirs.detailedResults.map((one) =>
        (one.episodeResults ?? []).map((episode: EpisodeResult) => meant(episode.populationResults)),
      ),
    );
    if (measurePackage.measures.length === 1) {
      expect(new Set(touched.map((place) => records[place]))).toEqual(new Set(theirs.evaluatedResource));
    }
  });
  const summary = summarize(measurePackage, own);
  expect(summary.subjects).toBe(vector.patients.length);
  if (name === RATIO) return;
  expect(summary.groups.map((group) => ('counts' in group ? group.counts : group).populations)).toEqual(
    report.group.map(({ population }) => population.map(({ count }) => count)),
  );
  scores(summary).forEach((score, index) => expect(score).toBeCloseTo(report.group[index].measureScore!.value, 12));
});

it('a ratio of observations is as fqm-execution says, under the names that it asks for', async () => {
  const vector = readVector(RATIO);
  const [measure, library] = vector.bundle.entry.map(({ resource }) => resource) as unknown as [
    { group: MeasureGroup[] },
    { content: { contentType: string; data: string }[] },
  ];
  const observations = measure.group[0].population!.filter((one) => populationType(one) === 'measure-observation');
  const { def, save } = statementsOf(library);
  const original = def.find(({ name }) => name === observations[0].criteria.expression)!;
  ['Numerator Observations', 'Denominator Observations'].forEach((name, index) => {
    def.push({ ...structuredClone(original), name });
    observations[index].criteria.expression = name;
    observations[index].extension!.push({
      url: 'http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-aggregateMethod',
      valueCode: 'sum',
    });
  });
  save();
  const { report } = await calculate(vector);
  const { measurePackage, results } = await evaluateAll(vector);
  expect(report.group[0].measureScore!.value).toBeGreaterThan(0);
  expect(scores(summarize(measurePackage, results))[0]).toBeCloseTo(report.group[0].measureScore!.value, 12);
});

it('a fault in the logic is said by its place, and nothing of the patient', async () => {
  const vector = readVector('proportion-boolean');
  const { def, save } = statementsOf(vector.bundle.entry[1].resource as never);
  const first = def.find(({ name }) => name !== 'Patient')!;
  // An expression that asks for the one element of a list that has two.
  first.expression = {
    type: 'SingletonFrom',
    localId: '999',
    locator: '3:1-3:9',
    operand: {
      type: 'List',
      element: [1, 2].map((value) => ({ type: 'Literal', valueType: '{urn:hl7-org:elm-types:r1}Integer', value })),
    },
  };
  save();
  await expect(evaluateAll(vector)).rejects.toMatchObject({
    name: 'LogicError',
    message: `the logic of library ProportionBooleanTest fails in "${first.name}" at 3:1-3:9 for a patient whose data it does not expect: mend the CQL there`,
  });
});

describe('a sum', () => {
  it('does not depend on the order of the patients', async () => {
    const names = ['composite-all-or-nothing', 'proportion-boolean', RATIO];
    const cases = await Promise.all(names.map((name) => evaluateAll(readVector(name))));
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.infiniteStream(fc.nat()), ({ measurePackage, results }, numbers) => {
        const keyed = results.map((result) => ({ result, key: numbers.next().value as number }));
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ result }) => result);
        expect(summarize(measurePackage, shuffled)).toEqual(summarize(measurePackage, results));
      }),
    );
  });

  it('of nobody has no score, and a ratio counts its members', async () => {
    const { measurePackage, results } = await evaluateAll(readVector(RATIO));
    expect(summarize(measurePackage, []).groups).toMatchObject([{ score: undefined, populations: [0, 0, 0, 0, 0] }]);
    // As the names of the patients' files add up.
    expect(summarize(measurePackage, results).groups).toMatchObject([{ populations: [10, 5, 8, 5, 8] }]);
  });

  it('names the component that a composite lacks', () => {
    const measurePackage = packageOfBundle(readVector('composite-weighted').bundle);
    measurePackage.measures.pop();
    expect(() => summarize(measurePackage, [])).toThrow(CompositeFault);
  });
});

it('observations are aggregated as their method says', () => {
  const values = [4, 1, 3, 8];
  expect(AGGREGATE_METHODS.map((method) => aggregate(method, values))).toEqual([16, 4, 3.5, 1, 8, 4]);
  expect(AGGREGATE_METHODS.map((method) => aggregate(method, []))).toEqual([
    0,
    undefined,
    undefined,
    undefined,
    undefined,
    0,
  ]);
});

interface Definition {
  name: string;
  expression?: object;
}

/** The definitions in a library's ELM, and a way to put them back. */
function statementsOf(library: { content: { contentType: string; data: string }[] }): {
  def: Definition[];
  save: () => void;
} {
  const content = library.content.find(({ contentType }) => contentType === 'application/elm+json')!;
  const elm = JSON.parse(Buffer.from(content.data, 'base64').toString()) as {
    library: { statements: { def: Definition[] } };
  };
  return {
    def: elm.library.statements.def,
    save: () => (content.data = Buffer.from(JSON.stringify(elm)).toString('base64')),
  };
}
