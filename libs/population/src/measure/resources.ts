/** The elements of FHIR R4 that measures are read from; what is not named here is not looked at. */

export interface Coding {
  system?: string;
  version?: string;
  code?: string;
  display?: string;
}

export interface CodeableConcept {
  coding?: Coding[];
  text?: string;
}

export interface Extension {
  url: string;
  extension?: Extension[];
  valueCode?: string;
  valueString?: string;
  valueDecimal?: number;
  valueCodeableConcept?: CodeableConcept;
  valueRelatedArtifact?: RelatedArtifact;
}

export interface RelatedArtifact {
  type: string;
  resource?: string;
  extension?: Extension[];
}

export interface Criteria {
  language?: string;
  expression?: string;
}

export interface MeasurePopulation {
  id?: string;
  extension?: Extension[];
  code?: CodeableConcept;
  description?: string;
  criteria: Criteria;
}

export interface MeasureStratifier {
  id?: string;
  extension?: Extension[];
  code?: CodeableConcept;
  criteria?: Criteria;
  component?: unknown[];
}

export interface MeasureGroup {
  id?: string;
  extension?: Extension[];
  code?: CodeableConcept;
  population?: MeasurePopulation[];
  stratifier?: MeasureStratifier[];
}

export interface SupplementalData {
  id?: string;
  code?: CodeableConcept;
  usage?: CodeableConcept[];
  criteria: Criteria;
}

/** http://hl7.org/fhir/R4/measure.html */
export interface Measure {
  resourceType: 'Measure';
  id: string;
  url?: string;
  version?: string;
  name?: string;
  title?: string;
  extension?: Extension[];
  scoring?: CodeableConcept;
  compositeScoring?: CodeableConcept;
  improvementNotation?: CodeableConcept;
  library?: string[];
  relatedArtifact?: RelatedArtifact[];
  group?: MeasureGroup[];
  supplementalData?: SupplementalData[];
}

export interface Attachment {
  contentType?: string;
  data?: string;
}

/** http://hl7.org/fhir/R4/library.html */
export interface Library {
  resourceType: 'Library';
  id: string;
  url?: string;
  version?: string;
  name?: string;
  content?: Attachment[];
}

export interface ExpansionContains extends Coding {
  abstract?: boolean;
  inactive?: boolean;
  contains?: ExpansionContains[];
}

/** http://hl7.org/fhir/R4/valueset.html */
export interface ValueSet {
  resourceType: 'ValueSet';
  id: string;
  url?: string;
  version?: string;
  compose?: {
    include?: { system?: string; version?: string; concept?: Coding[]; filter?: unknown[]; valueSet?: string[] }[];
    exclude?: unknown[];
  };
  expansion?: { total?: number; contains?: ExpansionContains[] };
}

/** Any resource of a patient, as the logic sees it. */
export interface Resource {
  resourceType: string;
  id?: string;
  [element: string]: unknown;
}

const POPULATION_SYSTEM = 'http://terminology.hl7.org/CodeSystem/measure-population';
const SCORING_SYSTEMS = [
  'http://terminology.hl7.org/CodeSystem/measure-scoring',
  'http://hl7.org/fhir/measure-scoring',
];

/** Both names under which the extensions of measures go: of the US implementation guide and of the universal one. */
export function measureExtension(
  element: { extension?: Extension[] } | undefined,
  name: string,
): Extension | undefined {
  const urls = [
    `http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-${name}`,
    `http://hl7.org/fhir/uv/cqm/StructureDefinition/cqm-${name}`,
    `http://hl7.org/fhir/StructureDefinition/cqf-${name}`,
  ];
  return element?.extension?.find(({ url }) => urls.includes(url));
}

/** The code of http://hl7.org/fhir/R4/valueset-measure-population.html that the population has. */
export function populationType(population: Pick<MeasurePopulation, 'code'>): string | undefined {
  return population.code?.coding?.find(({ system }) => system === POPULATION_SYSTEM)?.code;
}

/** The code of http://hl7.org/fhir/R4/valueset-measure-scoring.html of a group: its own, or else the measure's. */
export function scoringOf(measure: Measure, group: MeasureGroup | undefined): string | undefined {
  return (
    measureExtension(group, 'scoring')?.valueCodeableConcept?.coding?.[0]?.code ??
    measure.scoring?.coding?.find(({ system }) => system !== undefined && SCORING_SYSTEMS.includes(system))?.code
  );
}

/** The measures that a composite one is made of, as canonical references; empty for one that is not composite. */
export function componentsOf(measure: Measure): RelatedArtifact[] {
  if (!isComposite(measure)) return [];
  const artifacts = measure.group
    ? measure.group.flatMap((group) =>
        (group.extension ?? [])
          .filter((one) => one === measureExtension({ extension: [one] }, 'component'))
          .map((one) => one.valueRelatedArtifact!),
      )
    : (measure.relatedArtifact ?? []);
  return artifacts.filter((artifact) => artifact?.type === 'composed-of' && artifact.resource);
}

export function isComposite(measure: Measure): boolean {
  return (
    scoringOf(measure, undefined) === 'composite' ||
    (measure.group ?? []).some((group) => scoringOf(measure, group) === 'composite')
  );
}
