import { canonicalOf, type MeasurePackage } from './measure-package.js';
import { measureExtension, type MeasureGroup, type RelatedArtifact } from './resources.js';
import { type Counts } from './tally.js';
import { populationType } from './resources.js';
import { type SubjectResult } from './subject-result.js';

/** http://terminology.hl7.org/CodeSystem/composite-measure-scoring */
export const COMPOSITE_SCORINGS = ['opportunity', 'all-or-nothing', 'linear', 'weighted'] as const;
export type CompositeScoring = (typeof COMPOSITE_SCORINGS)[number];

/** One group of a component measure, with its weight in the composite. */
export interface Part {
  measure: number;
  group: number;
  weight: number;
}

/** How a composite, or a group of it, is made of groups of its components. */
export interface CompositePlan {
  groupId: string | undefined;
  scoring: CompositeScoring;
  parts: Part[];
}

/**
 * Whether a patient is in the denominator or not, and in the numerator or not. Linear and weighted scoring sum up parts of
 * what patients have: nobody is in or out.
 */
export function listsPeople({ scoring }: CompositePlan): boolean {
  return scoring === 'all-or-nothing' || scoring === 'opportunity';
}

/** A fault in how a composite names its components; `place` is a FHIRPath-like expression. */
export class CompositeFault extends Error {
  constructor(
    readonly place: string,
    message: string,
  ) {
    super(message);
    this.name = 'CompositeFault';
  }
}

/**
 * The plans of a composite measure, one for each group, or one for the measure as a whole
 * (http://hl7.org/fhir/us/cqfmeasures/composite-measures.html). @throws CompositeFault.
 */
export function compositePlans(measurePackage: MeasurePackage): CompositePlan[] {
  const { measure } = measurePackage;
  const own = scoringCode(measure.compositeScoring?.coding?.[0]?.code);
  if (measure.group?.length && own === undefined) {
    return measure.group.map((group, index) => ({
      groupId: group.id,
      scoring: groupScoring(group),
      parts: partsOf(measurePackage, componentsOfGroup(group), `Measure.group[${index}]`),
    }));
  }
  const artifacts = measure.group?.length ? measure.group.flatMap(componentsOfGroup) : (measure.relatedArtifact ?? []);
  return [
    {
      groupId: measure.group?.[0]?.id,
      scoring: own ?? 'all-or-nothing',
      parts: partsOf(measurePackage, artifacts, 'Measure.relatedArtifact'),
    },
  ];
}

function componentsOfGroup(group: MeasureGroup): RelatedArtifact[] {
  return (group.extension ?? [])
    .filter((one) => measureExtension({ extension: [one] }, 'component'))
    .flatMap((one) => (one.valueRelatedArtifact ? [one.valueRelatedArtifact] : []));
}

function groupScoring(group: MeasureGroup): CompositeScoring {
  const code = measureExtension(group, 'compositeScoring')?.valueCodeableConcept?.coding?.[0]?.code;
  return scoringCode(code) ?? 'all-or-nothing';
}

function scoringCode(code: string | undefined): CompositeScoring | undefined {
  return COMPOSITE_SCORINGS.find((one) => one === code);
}

function partsOf({ measures }: MeasurePackage, artifacts: readonly RelatedArtifact[], place: string): Part[] {
  return artifacts
    .filter(({ type, resource }) => type === 'composed-of' && resource !== undefined)
    .map((artifact) => {
      const measure = measures.findIndex((one) => [canonicalOf(one), one.url].includes(artifact.resource));
      if (measure === -1) throw new CompositeFault(place, `the component ${artifact.resource} is not there`);
      const weight = measureExtension(artifact, 'weight')?.valueDecimal ?? 1;
      return { measure, group: groupIndex(measures[measure].group ?? [], artifact, place), weight };
    });
}

function groupIndex(groups: readonly MeasureGroup[], artifact: RelatedArtifact, place: string): number {
  const id = measureExtension(artifact, 'groupId')?.valueString;
  if (id === undefined) {
    if (groups.length === 1) return 0;
    throw new CompositeFault(
      place,
      `the component ${artifact.resource} has ${groups.length} groups: name one by the extension cqfm-groupId`,
    );
  }
  const index = groups.findIndex((group, number) => (group.id ?? `population-group-${number + 1}`) === id);
  if (index === -1) throw new CompositeFault(place, `the component ${artifact.resource} has no group ${id}`);
  return index;
}

/** Scores a composite, patient by patient, as its scoring says. `populations` are the denominator and the numerator. */
export class CompositeTally {
  private denominator = 0;
  private numerator = 0;
  private readonly parts: { numerator: number; denominator: number }[];

  constructor(
    private readonly measurePackage: MeasurePackage,
    readonly plan: CompositePlan,
  ) {
    this.parts = plan.parts.map(() => ({ numerator: 0, denominator: 0 }));
  }

  add(result: SubjectResult): void {
    if (this.plan.scoring === 'weighted') {
      this.plan.parts.forEach((part, index) => {
        const standing = this.standing(result, part);
        if (standing.numerator) this.parts[index].numerator += 1;
        if (standing.denominator) this.parts[index].denominator += 1;
      });
      return;
    }
    const { denominator, numerator } = this.share(result);
    this.denominator += denominator;
    this.numerator += numerator;
  }

  /** Whether the patient adds to the denominator, and to the numerator. Says nothing where a plan does not `listsPeople`. */
  membership(result: SubjectResult): [denominator: boolean, numerator: boolean] {
    const { denominator, numerator } = this.share(result);
    return [denominator > 0, numerator > 0];
  }

  /** What the patient adds. */
  private share(result: SubjectResult): { denominator: number; numerator: number } {
    const parts = this.plan.parts.map((part) => this.standing(result, part));
    const count = (type: 'denominator' | 'numerator'): number => parts.filter((part) => part[type]).length;
    const inInitial = parts.some((part) => part['initial-population']);
    const nothing = { denominator: 0, numerator: 0 };
    switch (this.plan.scoring) {
      case 'all-or-nothing':
        if (!inInitial || count('denominator') === 0) return nothing;
        return { denominator: 1, numerator: parts.every((part) => part.numerator !== false) ? 1 : 0 };
      case 'opportunity':
        return inInitial ? { denominator: count('denominator'), numerator: count('numerator') } : nothing;
      case 'linear':
        return {
          denominator: 1,
          numerator: count('denominator') > 0 ? count('numerator') / count('denominator') : 0,
        };
      case 'weighted':
        return nothing;
    }
  }

  counts(): Counts {
    if (this.plan.scoring !== 'weighted') return this.fraction(this.denominator, this.numerator);
    let denominator = 0;
    let numerator = 0;
    this.plan.parts.forEach(({ weight }, index) => {
      const part = this.parts[index];
      denominator += weight;
      if (part.denominator > 0) numerator += weight * (part.numerator / part.denominator);
    });
    return this.fraction(denominator, numerator);
  }

  private fraction(denominator: number, numerator: number): Counts {
    return { populations: [denominator, numerator], score: denominator > 0 ? numerator / denominator : undefined };
  }

  /** In which populations of a component's group the patient is; undefined for one that the group does not have. */
  private standing({ groups }: SubjectResult, { measure, group }: Part): Partial<Record<string, boolean>> {
    const populations = this.measurePackage.measures[measure].group![group].population ?? [];
    const found = groups.find((one) => one.measure === measure && one.group === group)!;
    return Object.fromEntries(
      found.subject.memberships.map(({ population, isMember }) => [populationType(populations[population]), isMember]),
    );
  }
}
