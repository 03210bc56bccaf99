import { FhirError } from '@chartledger/platform';
import { type Artifacts, findDependency } from './artifacts.js';
import { registeredView, sentView, type Project, type ProjectView } from '../deidentify/deidentification.js';
import { type KeptView } from '../live/registered-view.js';
import { viewSource } from '../live/view-source.js';
import { type SqlLibrary } from './sql-library.js';

/** A table that a query reads, under its label: the rows of a view, or what another SQL gives. `shown`: as a project sees it. */
export type QueryTable =
  | { label: string; kind: 'kept'; view: KeptView; shown?: ProjectView }
  | { label: string; kind: 'definition'; definition: Record<string, unknown>; shown?: ProjectView }
  | { label: string; kind: 'sql'; library: SqlLibrary };

/** The same tables as a project sees them; without one as they are. @throws FhirError (403). */
export function projectTables(tables: readonly QueryTable[], project: Project | undefined): QueryTable[] {
  return tables.map((table) => {
    if (!project || table.kind === 'sql') return table;
    if (table.kind === 'definition')
      return { ...table, shown: sentView(viewSource(table.definition), table.definition, project) };
    const { row, source } = table.view;
    return { ...table, shown: registeredView(source, JSON.parse(row.definition), project) };
  });
}

/** Deeper than people nest views of views. */
const MAX_DEPTH = 16;

/**
 * The tables of a Library and, before them, those that they are made of. A label means one artefact in all of them.
 * @throws NotFoundError for a view that is nowhere; FhirError where labels clash, views go in a circle, or something was
 *   sent along that nothing depends on.
 */
export function tableGraph(
  artifacts: Artifacts,
  libraries: readonly SqlLibrary[],
  context: readonly Record<string, unknown>[],
): QueryTable[] {
  checkContext(context);
  const tables = new Map<string, { canonical: string; table: QueryTable }>();
  const used = new Set<Record<string, unknown>>();
  const visit = (library: SqlLibrary, depth: number): void => {
    if (depth > MAX_DEPTH) {
      throw FhirError.of(422, 'invalid', 'the views that the SQL depends on go in a circle', 'Library.relatedArtifact');
    }
    for (const { label, canonical } of library.tables) {
      const known = tables.get(label.toLowerCase());
      if (known) {
        if (known.canonical === canonical) continue;
        throw FhirError.of(
          422,
          'invalid',
          `the label ${label} names both ${known.canonical} and ${canonical}: give them labels of their own`,
          'Library.relatedArtifact',
        );
      }
      const { artifact, sent } = findDependency(artifacts, context, canonical);
      if (sent) used.add(sent);
      if (artifact.kind === 'sql') visit(artifact.library, depth + 1);
      tables.set(label.toLowerCase(), { canonical, table: { label, ...artifact } });
    }
  };
  for (const library of libraries) visit(library, 0);
  const unused = context.find((resource) => !used.has(resource));
  if (unused) {
    throw FhirError.of(
      400,
      'invalid',
      `what was sent as context under ${String(unused.url)} is no dependency of the subject: correct its url or take it out`,
      'context',
    );
  }
  return [...tables.values()].map(({ table }) => table);
}

function checkContext(context: readonly Record<string, unknown>[]): void {
  const urls = context.map(({ url }) => url);
  if (urls.some((url) => typeof url !== 'string')) {
    throw FhirError.of(
      400,
      'invalid',
      'what is sent as context must have a url: dependencies are found by it',
      'context',
    );
  }
  if (new Set(urls).size < urls.length) {
    throw FhirError.of(400, 'invalid', 'two resources that were sent as context have the same url', 'context');
  }
}
