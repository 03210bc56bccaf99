import { compositePlans, CompositeTally, type CompositePlan } from './composite-tally.js';
import { type MeasurePackage } from './measure-package.js';
import { isComposite } from './resources.js';
import { type SubjectResult } from './subject-result.js';
import { GroupTally, type Counts, type GroupCounts } from './tally.js';

/** The counts of a measure over many patients. */
export type Summary =
  | { kind: 'measure'; subjects: number; groups: GroupCounts[] }
  | { kind: 'composite'; subjects: number; groups: { plan: CompositePlan; counts: Counts }[] };

/** Sums up the results of patients, whatever their order. @throws CompositeFault. */
export function summarize(measurePackage: MeasurePackage, results: Iterable<SubjectResult>): Summary {
  return isComposite(measurePackage.measure)
    ? ofComposite(measurePackage, results)
    : ofMeasure(measurePackage, results);
}

function ofMeasure({ measures: [measure] }: MeasurePackage, results: Iterable<SubjectResult>): Summary {
  const tallies = (measure.group ?? []).map((group) => new GroupTally(measure, group));
  let subjects = 0;
  for (const { groups } of results) {
    subjects += 1;
    for (const group of groups) tallies[group.group].add(group);
  }
  return { kind: 'measure', subjects, groups: tallies.map((tally) => tally.counts()) };
}

function ofComposite(measurePackage: MeasurePackage, results: Iterable<SubjectResult>): Summary {
  const tallies = compositePlans(measurePackage).map((plan) => new CompositeTally(measurePackage, plan));
  let subjects = 0;
  for (const result of results) {
    subjects += 1;
    for (const tally of tallies) tally.add(result);
  }
  return {
    kind: 'composite',
    subjects,
    groups: tallies.map((tally) => ({ plan: tally.plan, counts: tally.counts() })),
  };
}
