import { createHash } from 'node:crypto';
import { componentsOf, isComposite, type Library, type Measure, type ValueSet } from './resources.js';
import { decodeElm, retrievedTypes } from './elm.js';

/** A resource with the version of its record: what a number stands on. */
export interface Versioned<R> {
  resource: R;
  version: number;
  /** The entry of the system's chain that made the version. */
  seq: number;
}

/** Everything that a measure needs to be evaluated, complete: the measure, its components, libraries and value sets. */
export interface MeasurePackage {
  measure: Measure;
  /** Those with logic: the components of a composite measure, or the measure itself. */
  measures: Measure[];
  libraries: Library[];
  valueSets: ValueSet[];
}

/** A reference to a canonical resource: `url` or `url|version` (http://hl7.org/fhir/R4/references.html#canonical). */
export function parseCanonical(canonical: string): { url: string; version?: string } {
  const [url, version] = canonical.split('#')[0].split('|');
  return version ? { url, version } : { url };
}

export function canonicalOf({ url, version }: { url?: string; version?: string }): string {
  return `${url ?? ''}${version ? `|${version}` : ''}`;
}

/** The library that a measure names, by canonical URL, `Library/id` or id. */
export function mainLibrary({ library }: Measure, libraries: readonly Library[]): Library | undefined {
  const [reference] = library ?? [];
  if (reference === undefined) return undefined;
  const { url, version } = parseCanonical(reference);
  return (
    libraries.find((one) => one.url === url && (version === undefined || one.version === version)) ??
    libraries.find(({ id }) => id === url || `Library/${id}` === url)
  );
}

/** The types of records that the measure's logic can read. */
export function typesRead(measurePackage: MeasurePackage): string[] {
  return retrievedTypes(measurePackage.libraries.map(decodeElm));
}

/**
 * What the results of patients depend on beside their data and the period: SHA-256 over the contents, in hex. Ids, texts
 * and whatever else does not change a number are not left out: a change of the measure is a new evaluation.
 */
export function packageHash({ measure, measures, libraries, valueSets }: MeasurePackage): string {
  const hash = createHash('sha256').update('chartledger/measure/v1');
  for (const resource of [measure, ...measures, ...libraries, ...valueSets]) {
    hash.update('\0').update(JSON.stringify(withoutMeta(resource)));
  }
  return hash.digest('hex');
}

export function contentHash(resource: object): string {
  return createHash('sha256')
    .update(JSON.stringify(withoutMeta(resource)))
    .digest('hex');
}

/** The version and the time of a record are not its content. */
function withoutMeta(resource: object): object {
  return { ...resource, meta: undefined };
}

/** The package of a Bundle that holds a measure and all that it needs, as measures are published. */
export function packageOfBundle(bundle: { entry: { resource: object }[] }): MeasurePackage {
  const of = <R>(type: string): R[] =>
    bundle.entry
      .map(({ resource }) => resource)
      .filter((one) => (one as { resourceType: string }).resourceType === type) as R[];
  const all = of<Measure>('Measure');
  const measure = all.find(isComposite) ?? all[0];
  if (!measure) throw new TypeError('the Bundle holds no Measure');
  const components = new Set(componentsOf(measure).map(({ resource }) => resource!));
  const measures = isComposite(measure)
    ? all.filter((one) => one !== measure && (components.has(one.url ?? '') || components.has(canonicalOf(one))))
    : [measure];
  return { measure, measures, libraries: of('Library'), valueSets: of('ValueSet') };
}
