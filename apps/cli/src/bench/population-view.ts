import { parseLossless } from '@chartledger/fhir';
import { compileView, type CompiledView, type Engine } from '@chartledger/population';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { loadFiles, loadTown } from './ingest.js';

const DEFAULT_PATIENTS = 300;
/** Observations to go over and over: enough to be no one shape, few enough to stay in the cache as a batch would. */
const OBSERVATIONS = 10_000;
const MEASURED_MS = 2_000;
/** fhirpath.js takes some fifty times as long: a part of them is enough. */
const OBSERVATIONS_OF_FHIRPATH_JS = 2_000;

const NINE_COLUMNS = {
  resourceType: 'ViewDefinition',
  name: 'nine_columns',
  resource: 'Observation',
  select: [
    {
      column: [
        { name: 'id', path: 'getResourceKey()' },
        { name: 'patient_id', path: 'subject.getReferenceKey(Patient)' },
        { name: 'encounter_id', path: 'encounter.getReferenceKey(Encounter)' },
        { name: 'status', path: 'status' },
        { name: 'effective', path: 'effective.ofType(dateTime)' },
        { name: 'value', path: 'value.ofType(Quantity).value' },
        { name: 'unit', path: 'value.ofType(Quantity).unit' },
      ],
    },
    {
      forEach: "code.coding.where(system = 'http://loinc.org')",
      column: [
        { name: 'code', path: 'code' },
        { name: 'display', path: 'display' },
      ],
    },
  ],
};

/** Rows of a view of nine columns from Observations: parsed ones by closures and by fhirpath.js, and from their texts. */
export async function benchPopulationView(options: BenchOptions): Promise<BenchResult> {
  const files = options.data ? loadFiles(options.data) : await loadTown(options.patients ?? DEFAULT_PATIENTS);
  const observations: unknown[] = [];
  for (const { bytes } of files) {
    if (observations.length >= OBSERVATIONS) break;
    for (const resource of resourcesOf(bytes)) if (isObservation(resource)) observations.push(resource);
  }
  const texts = observations.map((observation) => JSON.stringify(observation));
  const parsed = texts.map(parseLossless);
  const view = (engine: Engine): CompiledView => compileView(NINE_COLUMNS, { engine });

  const [closures, fhirpathJs, ofTexts] = [view('closures'), view('fhirpath.js'), view('closures')];
  const some = parsed.slice(0, OBSERVATIONS_OF_FHIRPATH_JS);
  const rows = countRows(closures, parsed);
  const perSecond = measure(parsed, (observation) => closures.rows(observation, ignore, 'st-mary'));
  const perSecondFhirpathJs = measure(some, (observation) => fhirpathJs.rows(observation, ignore, 'st-mary'));
  return {
    bench: 'population-view',
    observations: parsed.length,
    rows,
    perSecond,
    perSecondFhirpathJs,
    times: Math.round(perSecond / perSecondFhirpathJs),
    perSecondFromText: measure(texts, (text) => ofTexts.rows(parseLossless(text), ignore, 'st-mary')),
  };
}

/** The resources of a transaction as a server keeps them: references within it name the records that they became. */
function resourcesOf(bytes: Buffer): unknown[] {
  const { entry = [] } = JSON.parse(bytes.toString('utf8')) as { entry?: Entry[] };
  const records = new Map(entry.map(({ fullUrl, resource }) => [fullUrl, `${resource.resourceType}/${resource.id}`]));
  const resolve = (key: string, value: unknown): unknown =>
    key === 'reference' ? (records.get(value as string) ?? value) : value;
  return entry.map(({ resource }) => JSON.parse(JSON.stringify(resource), resolve) as unknown);
}

interface Entry {
  fullUrl?: string;
  resource: { resourceType: string; id?: string };
}

function isObservation(resource: unknown): boolean {
  return (resource as { resourceType?: unknown }).resourceType === 'Observation';
}

function ignore(): void {
  // What becomes of a row is not what is measured.
}

function countRows(view: CompiledView, resources: readonly unknown[]): number {
  let rows = 0;
  for (const resource of resources) view.rows(resource, () => (rows += 1));
  return rows;
}

/** How many items a second `work` takes, once it is warm. */
function measure<T>(items: readonly T[], work: (item: T) => void): number {
  for (const item of items) work(item);
  const startedMs = performance.now();
  let done = 0;
  while (performance.now() - startedMs < MEASURED_MS) {
    for (const item of items) work(item);
    done += items.length;
  }
  return Math.round((done / (performance.now() - startedMs)) * 1000);
}
