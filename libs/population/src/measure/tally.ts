import { aggregate, AGGREGATE_METHODS, type AggregateMethod } from './aggregate.js';
import { measureExtension, populationType, scoringOf, type Measure, type MeasureGroup } from './resources.js';
import { type GroupResult, type Unit } from './subject-result.js';

/** How many are in each population of a group, by index, and the score that follows from them. */
export interface Counts {
  populations: number[];
  /** Undefined where it means nothing: a rate of nobody, an average of no observations. */
  score: number | undefined;
}

export interface GroupCounts extends Counts {
  /** By index of the group's stratifiers. */
  strata: Counts[];
}

/**
 * Counts the results of patients for one group of a measure: patients, or episodes where the measure is about those
 * (http://hl7.org/fhir/us/cqfmeasures/measure-conformance.html). A stratum counts those that are in it.
 */
export class GroupTally {
  private readonly all: UnitTally;
  private readonly strata: UnitTally[];

  constructor(
    private readonly measure: Measure,
    private readonly group: MeasureGroup,
  ) {
    this.all = new UnitTally(group);
    this.strata = (group.stratifier ?? []).map(() => new UnitTally(group));
  }

  add({ countsEpisodes, subject, episodes }: GroupResult): void {
    for (const unit of countsEpisodes ? episodes : [subject]) {
      this.all.add(unit);
      for (const stratum of unit.strata) this.strata[stratum]?.add(unit);
    }
  }

  counts(): GroupCounts {
    const scoring = scoringOf(this.measure, this.group);
    const of = (tally: UnitTally): Counts => ({
      populations: tally.populations,
      score: score(this.group, scoring, tally),
    });
    return { ...of(this.all), strata: this.strata.map(of) };
  }
}

class UnitTally {
  readonly populations: number[];
  /** By index of the population, which is one of observations. */
  readonly observations: number[][];

  constructor(group: MeasureGroup) {
    this.populations = (group.population ?? []).map(() => 0);
    this.observations = (group.population ?? []).map(() => []);
  }

  add({ memberships }: Unit): void {
    for (const { population, isMember, observations } of memberships) {
      if (!isMember || this.populations[population] === undefined) continue;
      this.populations[population] += 1;
      if (observations) this.observations[population].push(...observations);
    }
  }
}

function score(group: MeasureGroup, scoring: string | undefined, tally: UnitTally): number | undefined {
  const of = (type: string): number => {
    const index = (group.population ?? []).findIndex((one) => populationType(one) === type);
    return index === -1 ? 0 : tally.populations[index];
  };
  switch (scoring) {
    case 'proportion':
      return quotient(
        of('numerator') - of('numerator-exclusion'),
        of('denominator') - of('denominator-exclusion') - of('denominator-exception'),
      );
    case 'cohort':
      return of('initial-population');
    case 'ratio':
      return quotient(
        observed(group, tally, 'numerator') ?? of('numerator') - of('numerator-exclusion'),
        observed(group, tally, 'denominator') ?? of('denominator') - of('denominator-exclusion'),
      );
    case 'continuous-variable': {
      const index = (group.population ?? []).findIndex((one) => populationType(one) === 'measure-observation');
      return index === -1 ? undefined : aggregate(methodOf(group, index), tally.observations[index]);
    }
    default:
      return undefined;
  }
}

function quotient(numerator: number | undefined, denominator: number | undefined): number | undefined {
  if (numerator === undefined || denominator === undefined || denominator <= 0) return undefined;
  return numerator / denominator;
}

/** What was observed of a population of a ratio, aggregated; undefined where the measure observes nothing of it. */
function observed(group: MeasureGroup, tally: UnitTally, type: 'numerator' | 'denominator'): number | undefined {
  const index = (group.population ?? []).findIndex(
    (one, place) => populationType(one) === 'measure-observation' && observedPopulation(group, place) === type,
  );
  return index === -1 ? undefined : (aggregate(methodOf(group, index), tally.observations[index]) ?? 0);
}

/** Of which population the observation at `index` is: by its criteria reference, or the name that older measures use. */
function observedPopulation(group: MeasureGroup, index: number): string | undefined {
  const observation = group.population![index];
  const reference = measureExtension(observation, 'criteriaReference')?.valueString;
  if (reference === undefined) return observation.criteria.expression?.split(' Observations')[0].toLowerCase();
  const referred = group.population!.find(({ id }) => id === reference);
  return referred && populationType(referred);
}

function methodOf(group: MeasureGroup, index: number): AggregateMethod {
  const method = measureExtension(group.population![index], 'aggregateMethod')?.valueCode;
  return AGGREGATE_METHODS.find((one) => one === method) ?? 'sum';
}
