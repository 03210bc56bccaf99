import { type Issue } from '@chartledger/platform';
import { AGGREGATE_METHODS } from './aggregate.js';
import { COMPOSITE_SCORINGS } from './composite-tally.js';
import {
  componentsOf,
  isComposite,
  measureExtension,
  populationType,
  scoringOf,
  type Measure,
  type MeasureGroup,
  type MeasurePopulation,
} from './resources.js';

/** The populations that a group of each scoring must have, and those that it may have (http://hl7.org/fhir/R4/valueset-measure-population.html). */
const POPULATIONS: Readonly<Record<string, { must: readonly string[]; may: readonly string[] }>> = {
  proportion: {
    must: ['initial-population', 'denominator', 'numerator'],
    may: ['denominator-exclusion', 'denominator-exception', 'numerator-exclusion'],
  },
  ratio: {
    must: ['initial-population', 'denominator', 'numerator'],
    may: ['denominator-exclusion', 'numerator-exclusion', 'measure-observation'],
  },
  'continuous-variable': {
    must: ['initial-population', 'measure-population', 'measure-observation'],
    may: ['measure-population-exclusion'],
  },
  cohort: { must: ['initial-population'], may: [] },
};
const SCORINGS = [...Object.keys(POPULATIONS), 'composite'].join(', ');
/** How criteria name an expression of the measure's library, as it is written in FHIR, in its guides, and in practice. */
const IDENTIFIER_LANGUAGES = ['text/cql-identifier', 'text/cql.identifier', 'text/cql'];

/**
 * What is wrong with a Measure (http://hl7.org/fhir/R4/measure.html) by itself, each with its place; what it refers to is
 * looked at when it is evaluated (`checkPackage`). The resource MUST be sound FHIR.
 */
export function checkMeasure(resource: unknown): Issue[] {
  const measure = resource as Measure;
  return isComposite(measure) ? checkComposite(measure) : [...checkLibraries(measure), ...checkGroups(measure)];
}

export function fault(expression: string, diagnostics: string, code = 'business-rule'): Issue {
  return { severity: 'error', code, diagnostics, expression: [expression] };
}

function checkLibraries(measure: Measure): Issue[] {
  if (measure.library?.length === 1) return [];
  const count = measure.library?.length ?? 0;
  return [
    fault('Measure.library', `a measure has one library with its logic, not ${count}: name it by its canonical URL`),
  ];
}

function checkGroups(measure: Measure): Issue[] {
  const groups = measure.group ?? [];
  if (groups.length === 0) return [fault('Measure.group', 'a measure needs a group with its populations')];
  return [
    ...checkIds(groups, 'Measure.group'),
    ...groups.flatMap((group, index) => checkGroup(measure, group, `Measure.group[${index}]`)),
    ...(measure.supplementalData ?? []).flatMap(({ criteria }, index) =>
      checkCriteria(criteria, `Measure.supplementalData[${index}]`),
    ),
  ];
}

function checkGroup(measure: Measure, group: MeasureGroup, place: string): Issue[] {
  const scoring = scoringOf(measure, group);
  const rule = scoring === undefined ? undefined : POPULATIONS[scoring];
  if (!rule) {
    return [
      fault(
        measureExtension(group, 'scoring') ? `${place}.extension` : 'Measure.scoring',
        scoring === undefined
          ? `the measure or its group needs a scoring: one of ${SCORINGS}`
          : `${scoring} is no scoring that can be evaluated: use one of ${SCORINGS}`,
      ),
    ];
  }
  const populations = group.population ?? [];
  const types = populations.map(populationType);
  const missing = rule.must.filter((type) => !types.includes(type));
  return [
    ...missing.map((type) => fault(`${place}.population`, `a ${scoring} measure needs a population ${type}`)),
    ...checkIds(populations, `${place}.population`),
    ...populations.flatMap((population, index) =>
      checkPopulation(population, group, scoring!, [...rule.must, ...rule.may], `${place}.population[${index}]`),
    ),
    ...(group.stratifier ?? []).flatMap((stratifier, index) => {
      const where = `${place}.stratifier[${index}]`;
      if (stratifier.component?.length)
        return [fault(`${where}.component`, 'stratifiers of several components are not evaluated: make one of each')];
      return checkCriteria(stratifier.criteria, where);
    }),
  ];
}

function checkPopulation(
  population: MeasurePopulation,
  group: MeasureGroup,
  scoring: string,
  known: readonly string[],
  place: string,
): Issue[] {
  const type = populationType(population);
  if (type === undefined)
    return [
      fault(`${place}.code`, 'a population needs a code of http://terminology.hl7.org/CodeSystem/measure-population'),
    ];
  if (!known.includes(type))
    return [fault(`${place}.code`, `a ${scoring} measure has no population ${type}: it has ${known.join(', ')}`)];
  const issues = checkCriteria(population.criteria, place);
  if (type !== 'measure-observation') return issues;
  return [...issues, ...checkObservation(population, group, scoring, place)];
}

function checkObservation(population: MeasurePopulation, group: MeasureGroup, scoring: string, place: string): Issue[] {
  const method = measureExtension(population, 'aggregateMethod')?.valueCode;
  const reference = measureExtension(population, 'criteriaReference')?.valueString;
  const issues: Issue[] = [];
  if (method !== undefined && !AGGREGATE_METHODS.some((one) => one === method))
    issues.push(
      fault(`${place}.extension`, `${method} is no aggregate method: use one of ${AGGREGATE_METHODS.join(', ')}`),
    );
  if (method === undefined && scoring === 'continuous-variable')
    issues.push(
      fault(
        `${place}.extension`,
        `the observations need the extension cqfm-aggregateMethod: one of ${AGGREGATE_METHODS.join(', ')}`,
      ),
    );
  if (reference !== undefined && !group.population!.some(({ id }) => id === reference))
    issues.push(
      fault(`${place}.extension`, `the criteria reference ${reference} is no id of a population of the group`),
    );
  if (
    reference === undefined &&
    scoring === 'ratio' &&
    !/^(Numerator|Denominator) Observations$/.test(population.criteria.expression ?? '')
  )
    issues.push(
      fault(
        `${place}.extension`,
        'an observation of a ratio needs the extension cqfm-criteriaReference: the id of its numerator or denominator',
      ),
    );
  return issues;
}

function checkCriteria(criteria: MeasurePopulation['criteria'] | undefined, place: string): Issue[] {
  if (!criteria?.expression)
    return [
      fault(`${place}.criteria.expression`, "it needs criteria: the name of an expression of the measure's library"),
    ];
  if (criteria.language !== undefined && !IDENTIFIER_LANGUAGES.includes(criteria.language))
    return [
      fault(
        `${place}.criteria.language`,
        `criteria name an expression of the measure's library (text/cql-identifier), not ${criteria.language}`,
      ),
    ];
  return [];
}

function checkIds(elements: readonly { id?: string }[], place: string): Issue[] {
  const seen = new Set<string>();
  return elements.flatMap(({ id }, index) => {
    if (id === undefined) return [];
    if (seen.has(id)) return [fault(`${place}[${index}].id`, `the id ${id} is there twice`)];
    seen.add(id);
    return [];
  });
}

function checkComposite(measure: Measure): Issue[] {
  const components = componentsOf(measure);
  const place = measure.group?.length ? 'Measure.group' : 'Measure.relatedArtifact';
  const scoring = measure.compositeScoring?.coding?.[0]?.code;
  const issues = components.flatMap((component): Issue[] => {
    const weight = measureExtension(component, 'weight')?.valueDecimal;
    return weight !== undefined && !(weight > 0)
      ? [fault(place, `the weight of ${component.resource} must be above 0`)]
      : [];
  });
  if (components.length < (measure.group?.length ? 1 : 2))
    issues.push(
      fault(place, 'a composite measure names its components as related artifacts of type composed-of, two or more'),
    );
  if (scoring !== undefined && !COMPOSITE_SCORINGS.some((one) => one === scoring))
    issues.push(
      fault(
        'Measure.compositeScoring',
        `${scoring} is no composite scoring: use one of ${COMPOSITE_SCORINGS.join(', ')}`,
      ),
    );
  return issues;
}
