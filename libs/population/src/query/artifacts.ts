import { FhirError, NotFoundError } from '@chartledger/platform';
import { type KeptView, type ViewRow } from '../live/registered-view.js';
import { readSqlLibrary, type SqlLibrary } from './sql-library.js';
import { type Subject } from './sql-request.js';

/** What the server has that can be run. */
export interface Artifacts {
  live: readonly KeptView[];
  unready: readonly ViewRow[];
  /** By id. */
  libraries: ReadonlyMap<string, Record<string, unknown>>;
}

/** An artefact that was found: a view that is kept, a definition that is not, or SQL. */
export type Artifact =
  | { kind: 'kept'; view: KeptView }
  | { kind: 'definition'; definition: Record<string, unknown> }
  | { kind: 'sql'; library: SqlLibrary };

/** How the artefact names its own output. */
export function nameOf(artifact: Artifact): string | undefined {
  if (artifact.kind === 'sql') return artifact.library.name;
  const name = artifact.kind === 'kept' ? artifact.view.source.name : artifact.definition.name;
  return typeof name === 'string' ? name : undefined;
}

/** @throws NotFoundError; FhirError 422 for a view that is broken, 503 for one that is still being filled. */
export function findSubject(artifacts: Artifacts, { reference, canonical, resource }: Subject): Artifact {
  if (resource) return ofResource(artifacts, resource);
  const found = reference === undefined ? byCanonical(artifacts, canonical!) : byReference(artifacts, reference);
  if (found) return found;
  throw FhirError.of(
    404,
    'not-found',
    `there is no ${reference ?? 'ViewDefinition or Library'} here that can be run: register it with PUT, or send it as subjectResource`,
    'subject',
  );
}

/** The artefact behind a dependency: one that was sent along is preferred. @throws NotFoundError. */
export function findDependency(
  artifacts: Artifacts,
  context: readonly Record<string, unknown>[],
  canonical: string,
): { artifact: Artifact; sent?: Record<string, unknown> } {
  const sent = context.find((resource) => matches(canonical, resource));
  if (sent) return { artifact: ofResource(artifacts, sent), sent };
  const artifact = byCanonical(artifacts, canonical);
  if (artifact) return { artifact };
  throw new NotFoundError(
    `there is no view with the canonical URL ${canonical}: register it with PUT, or send it as context`,
  );
}

/** Whether a resource is the one that a canonical URL, with a version or without, names. */
export function matches(canonical: string, { url, version }: Record<string, unknown>): boolean {
  const [wanted, wantedVersion] = canonical.split('|');
  return url === wanted && (wantedVersion === undefined || version === wantedVersion);
}

function ofResource(artifacts: Artifacts, resource: Record<string, unknown>): Artifact {
  if (resource.resourceType === 'Library') return { kind: 'sql', library: readSqlLibrary(resource) };
  if (resource.resourceType !== 'ViewDefinition') {
    throw FhirError.of(422, 'invalid', 'only a ViewDefinition, a SQLQuery or a SQLView can be run', 'subject');
  }
  const content = contentOf(resource);
  const kept = artifacts.live.find(({ row }) => contentOf(JSON.parse(row.definition)) === content);
  return kept ? { kind: 'kept', view: kept } : { kind: 'definition', definition: resource };
}

const REFERENCE = /(?:^|\/)(ViewDefinition|Library)\/([A-Za-z0-9.-]{1,64})$/;

function byReference(artifacts: Artifacts, reference: string): Artifact | undefined {
  const [, type, id] = REFERENCE.exec(reference) ?? [];
  if (type === 'ViewDefinition') return keptView(artifacts, (row) => row.id === id);
  const library = artifacts.libraries.get(id);
  return library && { kind: 'sql', library: readSqlLibrary(library) };
}

function byCanonical(artifacts: Artifacts, canonical: string): Artifact | undefined {
  const view = keptView(artifacts, ({ definition }) => matches(canonical, JSON.parse(definition)));
  if (view) return view;
  const libraries = [...artifacts.libraries.values()].filter((library) => matches(canonical, library));
  const library = libraries.sort(newestFirst)[0];
  return library && { kind: 'sql', library: readSqlLibrary(library) };
}

function keptView({ live, unready }: Artifacts, isWanted: (row: ViewRow) => boolean): Artifact | undefined {
  const kept = live.filter(({ row }) => isWanted(row));
  const [view] = kept.sort((a, b) => newestFirst(JSON.parse(a.row.definition), JSON.parse(b.row.definition)));
  if (view) return { kind: 'kept', view };
  const other = unready.find(isWanted);
  if (!other) return undefined;
  if (other.problem !== null) throw FhirError.of(422, 'invalid', `the view is broken: ${other.problem}`, 'subject');
  throw FhirError.of(
    503,
    'transient',
    `the view ${other.id} is being made from the ledger: ask again; GET /population/status says how far it is`,
  );
}

/** By the business version, where numbers count as numbers: 1.10 is newer than 1.9. */
function newestFirst(a: { version?: unknown }, b: { version?: unknown }): number {
  return String(b.version ?? '').localeCompare(String(a.version ?? ''), 'en', { numeric: true });
}

/** What a definition says, without who and when: the same again is the view that is kept. */
function contentOf(definition: object): string {
  const content = { ...definition, id: undefined, meta: undefined };
  return JSON.stringify(content, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
      : value,
  );
}
