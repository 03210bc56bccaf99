import { type Pool } from 'pg';
import { run, textArray } from '@chartledger/database';
import { SYSTEM_CHAIN, SYSTEM_SOURCE } from '@chartledger/ledger';
import { NotFoundError, type Actor } from '@chartledger/platform';
import { servedText, type EntryOpener, type Views } from '@chartledger/projection';
import { isIncluded } from './check-package.js';
import { decodeElm, namedValueSets, type Elm } from './elm.js';
import { canonicalOf, parseCanonical, type MeasurePackage, type Versioned } from './measure-package.js';
import { componentsOf, isComposite, type Library, type Measure, type ValueSet } from './resources.js';

type DefinitionResource = Measure | Library | ValueSet;

/** A measure with everything that it refers to, as far as it is there, and the record versions that they are. */
export interface FoundPackage {
  measurePackage: MeasurePackage;
  versions: Versioned<DefinitionResource>[];
}

interface Row {
  seq: number;
  id: string;
  type: string;
  version: number;
}

const TYPES = ['Measure', 'Library', 'ValueSet'];
/** Entries never change, so what was read once is kept; a library's ELM is some 100 kB. */
const READ_ENTRIES = 500;

/**
 * The measures, libraries and value sets of the system's own source. A canonical reference means the version that it
 * names, or else the one that was written last.
 */
export class Definitions {
  private readonly read = new Map<number, Versioned<DefinitionResource>>();

  constructor(
    private readonly pool: Pool,
    private readonly views: Views,
    private readonly opener: EntryOpener,
  ) {}

  /** @param name `id` of a Measure record, or a canonical URL of one. @throws NotFoundError. */
  async find(_actor: Actor, name: string): Promise<FoundPackage> {
    const all = await this.current();
    const { url, version } = parseCanonical(name);
    const measure =
      all.find(({ resource }) => resource.resourceType === 'Measure' && resource.id === name) ??
      newest(all, 'Measure', (one) => one.url === url && (version === undefined || one.version === version));
    if (!measure)
      throw new NotFoundError('there is no such Measure: PUT it to /fhir/chartledger/Measure, or check its id');
    return gather(measure as Versioned<Measure>, all);
  }

  /** The same as it was, by the entries that a report stands on. @throws NotFoundError where one cannot be read any more. */
  async at(_actor: Actor, seqs: readonly number[]): Promise<FoundPackage> {
    const { schema } = await this.views.upToDate('records', SYSTEM_CHAIN);
    const rows = await run<Row>(
      this.pool,
      {
        text: `select v.seq::float8 as seq, v.id, v.type, v.version from ${schema}.version v
          where v.source = $1 and v.type = any ($2::text[]) and v.seq = any ($3::text[]::int8[])`,
      },
      [SYSTEM_SOURCE, textArray(TYPES), textArray(seqs.map(String))],
    );
    const all = await this.open(rows);
    const [first] = seqs;
    const measure = all.find(({ seq }) => seq === first);
    if (!measure) throw new NotFoundError('the Measure that the report stands on cannot be read any more');
    return gather(measure as Versioned<Measure>, all);
  }

  private async current(): Promise<Versioned<DefinitionResource>[]> {
    const { schema, applied } = await this.views.upToDate('records', SYSTEM_CHAIN);
    const rows = await run<Row>(
      this.pool,
      {
        name: `measure.definitions.${schema}`,
        text: `select v.seq::float8 as seq, v.id, v.type, v.version from ${schema}.version v
          where v.source = $1 and v.type = any ($2::text[]) and v.seq <= $3 and v.seq_to > $3 and v.kind in (1, 2)`,
      },
      [SYSTEM_SOURCE, textArray(TYPES), applied],
    );
    return this.open(rows);
  }

  private async open(rows: readonly Row[]): Promise<Versioned<DefinitionResource>[]> {
    const missing = rows.filter(({ seq }) => !this.read.has(seq));
    if (missing.length > 0) {
      if (this.read.size + missing.length > READ_ENTRIES) this.read.clear();
      const stored = await this.views.ledger.get(
        SYSTEM_CHAIN,
        missing.map(({ seq }) => seq),
      );
      for (const { stored: entry, envelope, content } of await this.opener.open(stored.map((one) => one!))) {
        if (!content) continue;
        const text = servedText(envelope, content.header, content.text).toString('utf8');
        this.read.set(entry.seq, { resource: JSON.parse(text), version: envelope.version, seq: entry.seq });
      }
    }
    const known = await Promise.all(rows.map(({ seq }) => this.read.get(seq)));
    return known.filter((one) => one !== undefined).sort((a, b) => a.seq - b.seq);
  }
}

/** The measure with its components, their libraries with all that these include, and the value sets that they name. */
function gather(measure: Versioned<Measure>, all: readonly Versioned<DefinitionResource>[]): FoundPackage {
  const components = componentsOf(measure.resource).flatMap(({ resource }) => {
    const { url, version } = parseCanonical(resource!);
    return newest(all, 'Measure', (one) => one.url === url && (version === undefined || one.version === version)) ?? [];
  }) as Versioned<Measure>[];
  const measures = isComposite(measure.resource) ? [...new Set(components)] : [measure];
  const libraries = librariesOf(measures, all);
  const elms = libraries.map(({ resource }) => readElm(resource)).filter((elm) => elm !== undefined);
  const urls = new Map(
    namedValueSets(elms).map(({ url, version }) => [canonicalOf({ url, version }), { url, version }]),
  );
  const valueSets = [...urls.values()].flatMap(
    ({ url, version }) =>
      newest(all, 'ValueSet', (one) => one.url === url && (version === undefined || one.version === version)) ?? [],
  ) as Versioned<ValueSet>[];
  const resources = <R>(versions: readonly Versioned<R>[]): R[] => versions.map(({ resource }) => resource);
  return {
    measurePackage: {
      measure: measure.resource,
      measures: resources(measures),
      libraries: resources(libraries),
      valueSets: resources(valueSets),
    },
    versions: [...new Set([measure, ...measures, ...libraries, ...valueSets])],
  };
}

function librariesOf(
  measures: readonly Versioned<Measure>[],
  all: readonly Versioned<DefinitionResource>[],
): Versioned<Library>[] {
  const found: Versioned<Library>[] = [];
  const add = (library: Versioned<Library> | undefined): void => {
    if (!library || found.includes(library)) return;
    found.push(library);
    for (const { path, version } of readElm(library.resource)?.library.includes?.def ?? []) {
      add(
        newest(all, 'Library', (one) => {
          const elm = readElm(one as Library);
          return elm !== undefined && isIncluded(elm, path, version);
        }) as Versioned<Library> | undefined,
      );
    }
  };
  for (const { resource } of measures) {
    const { url, version } = parseCanonical(resource.library?.[0] ?? '');
    add(
      (newest(all, 'Library', (one) => one.url === url && (version === undefined || one.version === version)) ??
        newest(all, 'Library', ({ id }) => id === url || `Library/${id}` === url)) as Versioned<Library> | undefined,
    );
  }
  return found;
}

function newest(
  all: readonly Versioned<DefinitionResource>[],
  type: string,
  isMeant: (resource: DefinitionResource) => boolean,
): Versioned<DefinitionResource> | undefined {
  return all.filter(({ resource }) => resource.resourceType === type && isMeant(resource)).at(-1);
}

/** Undefined for a library without ELM, such as one of SQL. */
function readElm(library: Library): Elm | undefined {
  try {
    return decodeElm(library);
  } catch {
    return undefined;
  }
}
