import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedFolder } from '@chartledger/testing';
import { fhir, within } from './fqm.js';
import { type Resource } from './resources.js';

export interface Bundle {
  resourceType: 'Bundle';
  entry: { resource: Resource }[];
}

/** A measure of fqm-execution's own tests, with everything it needs, and patients. */
export interface Vector {
  name: string;
  bundle: Bundle;
  patients: Bundle[];
}

const shared = sharedFolder();
const folder = shared && join(shared, 'vectors/fqm');

export const VECTOR_NAMES = folder ? readdirSync(folder).filter((name) => name !== 'valuesets') : [];
export const VECTOR_PERIOD = { start: '2022-01-01T00:00:00.000Z', end: '2022-12-31T23:59:59.999Z' };

export function readVector(name: string): Vector {
  const read = (...path: string[]): Bundle => JSON.parse(readFileSync(join(folder!, name, ...path), 'utf8')) as Bundle;
  return {
    name,
    bundle: read(`${name}-bundle.json`),
    patients: readdirSync(join(folder!, name, 'patients'))
      .sort()
      .map((file) => read('patients', file)),
  };
}

/** The resources of a vector as a FHIR server takes them: without empty arrays, and expansions with their time. */
export const soundResourcesOf = (bundle: Bundle): Resource[] =>
  resourcesOf(bundle).map((resource) => {
    const entries = Object.entries(resource).filter(([, value]) => !Array.isArray(value) || value.length > 0);
    const { expansion, ...others } = Object.fromEntries(entries) as Resource;
    return expansion ? { ...others, expansion: { timestamp: '2022-01-01', ...expansion } } : others;
  }) as Resource[];

export const resourcesOf = ({ entry }: Bundle): Resource[] => entry.map(({ resource }) => resource);

/** What fqm-execution is asked with, to say the same as here. */
export const FQM_OPTIONS = {
  measurementPeriodStart: VECTOR_PERIOD.start,
  measurementPeriodEnd: VECTOR_PERIOD.end,
  calculateHTML: false,
  calculateClauseCoverage: false,
  trustMetaProfile: false,
};

/** A patient source that begins anew when it has ended, so that FHIR's model is read once for all calculations. */
export class RepeatingPatients {
  private static readonly model = fhir.PatientSource.FHIRv401({ requireProfileTagging: false });
  private index = 0;

  constructor(private readonly bundles: readonly Bundle[]) {}

  currentPatient(): unknown {
    if (this.index >= this.bundles.length) {
      this.index = 0;
      return undefined;
    }
    RepeatingPatients.model.reset();
    RepeatingPatients.model.loadBundles([this.bundles[this.index]]);
    return RepeatingPatients.model.currentPatient();
  }

  nextPatient(): unknown {
    this.index += 1;
    return this.currentPatient();
  }
}

/** fqm-execution's own report over results that it calculated. */
export const { getReportBuilder } = within('fqm-execution/build/helpers/ReportBuilderFactory.js') as {
  getReportBuilder(bundle: unknown, options: object): { addAllResults(results: unknown[]): void; getReport(): Report };
};

export interface Report {
  group: {
    population: { count: number; code: { coding: { code: string }[] } }[];
    measureScore?: { value: number };
  }[];
}
