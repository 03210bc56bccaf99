import { formatPosition } from '@chartledger/ledger';
import { compositePlans, CompositeTally } from './composite-tally.js';
import { type MeasurePackage } from './measure-package.js';
import { type ReportType } from './evaluate-request.js';
import { type Period } from './period.js';
import {
  isComposite,
  populationType,
  scoringOf,
  type CodeableConcept,
  type Measure,
  type MeasureGroup,
} from './resources.js';
import { type Place } from './patient-records.js';
import { type GroupResult, type SubjectResult, type SupplementalValue } from './subject-result.js';
import { type Summary } from './summary.js';
import { type Counts } from './tally.js';

/** Where the numbers stand in the ledger, as an extension of the report: `chain:seq`, separated by commas. */
export const POSITIONS_EXTENSION = 'https://chartledger.dev/fhir/StructureDefinition/positions';

const POPULATION_SYSTEM = 'http://terminology.hl7.org/CodeSystem/measure-population';

export interface ReportFrame {
  id: string;
  type: ReportType;
  measurePackage: MeasurePackage;
  period: Period;
  positions: string;
  /** FHIR dateTime: when it was made. */
  date: string;
  /** `SOURCE/Patient/ID` or `Person/ID`, of a report about one. */
  subject?: string;
  /** How many subjects there were. */
  subjects: number;
}

export function formatPositions(positions: ReadonlyMap<number, number>): string {
  return [...positions]
    .sort(([a], [b]) => a - b)
    .map(([chain, seq]) => formatPosition(chain, seq))
    .join(',');
}

/** A MeasureReport about a population, with the lists of who is in each where they are asked for. */
export function populationReport(frame: ReportFrame, summary: Summary, lists?: readonly SubjectLists[]): object {
  const contained = (lists ?? []).flatMap(({ lists: own }) => own);
  return {
    ...head(frame),
    ...(contained.length > 0 ? { contained: contained.map(({ id, subjects }) => list(id, subjects)) } : {}),
    ...body(frame),
    group: groups(frame, summary, lists),
  };
}

/** A MeasureReport about one subject, with the records that the logic touched. */
export function individualReport(
  frame: ReportFrame & { subject: string },
  summary: Summary,
  touched: readonly Place[],
  supplemental: readonly SupplementalValue[],
): object {
  const observations = supplemental.map((value, index) => supplementalObservation(frame, value, index));
  return {
    ...head(frame),
    ...(observations.length > 0 ? { contained: observations } : {}),
    ...body(frame),
    group: groups(frame, summary),
    ...(touched.length + observations.length > 0
      ? {
          evaluatedResource: [
            ...touched.map(({ source, type, id, version }) => ({
              reference: `${source}/${type}/${id}/_history/${version}`,
            })),
            ...observations.map(({ id }) => ({ reference: `#${id}` })),
          ],
        }
      : {}),
  };
}

function head({ id }: ReportFrame): object {
  return { resourceType: 'MeasureReport', id };
}

function body({ type, measurePackage: { measure }, period, positions, date, subject }: ReportFrame): object {
  const notation = measure.improvementNotation;
  return {
    extension: [{ url: POSITIONS_EXTENSION, valueString: positions }],
    status: 'complete',
    type,
    measure: measure.url ? `${measure.url}${measure.version ? `|${measure.version}` : ''}` : `Measure/${measure.id}`,
    ...(subject ? { subject: { reference: subject } } : {}),
    date,
    period,
    ...(notation ? { improvementNotation: notation } : {}),
  };
}

function groups({ measurePackage }: ReportFrame, summary: Summary, lists?: readonly SubjectLists[]): object[] {
  if (summary.kind === 'composite') {
    return summary.groups.map(({ plan, counts: { populations, score } }, place) => ({
      ...(plan.groupId ? { id: plan.groupId } : {}),
      // Of linear and weighted scoring these are sums of parts, which no count of people can say.
      population: ['denominator', 'numerator'].map((code, index) => ({
        code: { coding: [{ system: POPULATION_SYSTEM, code }] },
        ...(Number.isInteger(populations[index]) ? { count: populations[index] } : {}),
        ...subjectResults(lists?.[place], index),
      })),
      ...scoreElement(score),
    }));
  }
  const [measure] = measurePackage.measures;
  return (measure.group ?? []).map((group, index) => {
    const { strata, ...counts } = summary.groups[index];
    return {
      ...(group.id ? { id: group.id } : {}),
      ...(group.code ? { code: group.code } : {}),
      population: populations(measure, group, counts, lists?.[index]),
      ...scoreElement(counts.score),
      ...(strata.length > 0 ? { stratifier: strata.map((one, place) => stratifier(measure, group, place, one)) } : {}),
    };
  });
}

function populations(
  measure: Measure,
  group: MeasureGroup,
  { populations: counts }: Counts,
  lists?: SubjectLists,
): object[] {
  return (group.population ?? []).flatMap((population, index) => {
    // What is observed of a ratio's populations is in its score; it has no members of its own.
    if (scoringOf(measure, group) === 'ratio' && populationType(population) === 'measure-observation') return [];
    return [
      {
        ...(population.id ? { id: population.id } : {}),
        ...(population.code ? { code: population.code } : {}),
        count: counts[index],
        ...subjectResults(lists, index),
      },
    ];
  });
}

function subjectResults(lists: SubjectLists | undefined, population: number): object {
  const found = lists?.lists.find((one) => one.population === population);
  return found ? { subjectResults: { reference: `#${found.id}` } } : {};
}

function stratifier(measure: Measure, group: MeasureGroup, index: number, counts: Counts): object {
  const { id, code } = group.stratifier![index];
  return {
    ...(id ? { id } : {}),
    ...(code ? { code: [code] } : {}),
    stratum: [
      {
        value: { text: 'true' } satisfies CodeableConcept,
        population: populations(measure, group, counts),
        ...scoreElement(counts.score),
      },
    ],
  };
}

function scoreElement(score: number | undefined): object {
  return score === undefined ? {} : { measureScore: { value: score } };
}

/** Who is in each population of a group. */
export interface SubjectLists {
  lists: { id: string; population: number; subjects: string[] }[];
}

interface NamedResult {
  subject: string;
  result: SubjectResult;
}

/**
 * For each group of a measure, and each of its populations, whom it counts; of episodes, whose they are. Of a composite the
 * populations are its denominator and its numerator; by opportunities, who had one and who met one.
 */
export function subjectLists(measurePackage: MeasurePackage, results: Iterable<NamedResult>): SubjectLists[] {
  const { measure, measures } = measurePackage;
  if (isComposite(measure)) return compositeLists(measurePackage, results);
  const lists = (measures[0].group ?? []).map((group, index) => emptyLists(index, group.population?.length ?? 0));
  for (const { subject, result } of results) {
    for (const group of result.groups) {
      for (const population of populationsOf(group)) lists[group.group].lists[population].subjects.push(subject);
    }
  }
  return lists;
}

function compositeLists(measurePackage: MeasurePackage, results: Iterable<NamedResult>): SubjectLists[] {
  const tallies = compositePlans(measurePackage).map((plan) => new CompositeTally(measurePackage, plan));
  const lists = tallies.map((_, index) => emptyLists(index, 2));
  for (const { subject, result } of results) {
    tallies.forEach((tally, index) =>
      tally.membership(result).forEach((isMember, population) => {
        if (isMember) lists[index].lists[population].subjects.push(subject);
      }),
    );
  }
  return lists;
}

function emptyLists(group: number, populations: number): SubjectLists {
  return {
    lists: Array.from({ length: populations }, (_, population) => ({
      id: `group-${group + 1}-population-${population + 1}`,
      population,
      subjects: [],
    })),
  };
}

function populationsOf({ countsEpisodes, subject, episodes }: GroupResult): Set<number> {
  const units = countsEpisodes ? episodes : [subject];
  return new Set(
    units.flatMap(({ memberships }) =>
      memberships.filter(({ isMember, population }) => isMember && population >= 0).map(({ population }) => population),
    ),
  );
}

/** http://hl7.org/fhir/R4/list.html */
function list(id: string, subjects: readonly string[]): object {
  return {
    resourceType: 'List',
    id,
    status: 'current',
    mode: 'snapshot',
    ...(subjects.length > 0 ? { entry: subjects.map((reference) => ({ item: { reference } })) } : {}),
  };
}

/** http://hl7.org/fhir/us/cqfmeasures/measure-conformance.html#supplemental-data-elements */
function supplementalObservation(
  { measurePackage: { measure } }: ReportFrame,
  { name, coding, text }: SupplementalValue,
  index: number,
): { id: string; [element: string]: unknown } {
  return {
    resourceType: 'Observation',
    id: `supplemental-${index + 1}`,
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/cqf-measureInfo',
        extension: [
          { url: 'measure', valueCanonical: measure.url ?? `Measure/${measure.id}` },
          { url: 'populationId', valueString: name },
        ],
      },
    ],
    status: 'final',
    code: { text: name },
    ...(coding ? { valueCodeableConcept: { coding } } : { valueString: text }),
  };
}
