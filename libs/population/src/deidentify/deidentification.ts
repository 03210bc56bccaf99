import { FhirError } from '@chartledger/platform';
import { type ViewSource } from '../live/view-source.js';
import { deidentifyView, TABLE_COLUMNS, type DeidentifiedView, type DroppedColumn } from './deidentify-view.js';
import { type ProjectSecret } from './project-secret.js';
import { deidentifiedSql, type TreatOptions } from './treat.js';

/** A project, and how its answers are de-identified: as it was recorded, for good. */
export interface Project {
  name: string;
  /** See `DeidentifyPolicy`. */
  dates: 'year' | 'shift';
}

/** What an answer says of how it was de-identified. */
export interface Deidentified extends Project {
  /** The day on which ages were counted, `YYYY-MM-DD`. */
  at: string;
  /** Columns of the view that are not in the answer. */
  omitted: readonly string[];
}

/** A view as a project sees it. */
export interface ProjectView extends DeidentifiedView {
  /** What is not there to be asked for. */
  omitted: readonly DroppedColumn[];
}

const WHERE_IT_STANDS = 'where a record stands in the ledger tells when it came (C)';
const HIDDEN: readonly DroppedColumn[] = Object.entries(TABLE_COLUMNS)
  .filter(([, treatment]) => treatment === 'drop')
  .map(([name]) => ({ name, why: WHERE_IT_STANDS }));

/** The columns of a view as a project sees them. Of a registered view those that identify fall out. @throws FhirError (403). */
export function registeredView(source: ViewSource, definition: unknown, { dates }: Project): ProjectView {
  return shownView(deidentifyView(source.defined, definition, { dates, displays: 'drop', trustTags: true }));
}

/**
 * The same of a view that came with the question, which is nobody's whom we trust: what it asks for and may not see is
 * refused. @throws FhirError (403) that names each column and condition, and the reason.
 */
export function sentView(source: ViewSource, definition: unknown, { dates }: Project): ProjectView {
  const view = deidentifyView(source.defined, definition, { dates, displays: 'drop', trustTags: false });
  const refused = [
    ...view.conditions.map(({ expression, why }) => `the condition ${expression.slice(0, 200)} is refused: ${why}`),
    ...view.dropped.map(notShown),
  ];
  if (refused.length > 0) throw suppressed(refused);
  return shownView(view);
}

function shownView(view: DeidentifiedView): ProjectView {
  if (view.shown.length === 0) throw suppressed(view.dropped.map(notShown));
  return { ...view, omitted: [...view.dropped, ...HIDDEN] };
}

/** The refusal of a column that was asked for and fell out, if that is what went wrong with a query. */
export function omittedColumn(message: string, omitted: readonly DroppedColumn[]): FhirError | undefined {
  const named = [...message.matchAll(/"([^"]+)"/g)].map(([, name]) => name.toLowerCase());
  const [column] = omitted.filter(({ name }) => named.includes(name.toLowerCase()));
  return column && suppressed([notShown(column)]);
}

/** FHIR's code for what is not returned for reasons of privacy. */
function suppressed(diagnostics: readonly string[]): FhirError {
  return new FhirError(
    403,
    diagnostics.map((text) => ({ severity: 'error', code: 'suppressed', diagnostics: text })),
  );
}

function notShown({ name, why }: DroppedColumn): string {
  return `the column ${name} is not shown to projects: ${why}`;
}

/** How the rows of one answer are made for a project: its secret, and the day of the snapshot. */
export class Deidentification {
  private readonly options: TreatOptions;

  constructor(
    readonly project: Project,
    secret: ProjectSecret,
    readonly at: string,
  ) {
    this.options = { secret, at };
  }

  /** Equal for two that make the same of the same rows. */
  get signature(): string {
    return JSON.stringify([this.project.name, this.project.dates, this.at.slice(0, 4)]);
  }

  /** The rows of a view, its own columns. @param relation see `deidentifiedSql`. */
  rows(view: ProjectView, relation: string): string {
    return deidentifiedSql(view, relation, this.options, false);
  }

  /** The table of a view, with the keys of patient, person and source. */
  table(view: ProjectView, relation: string): string {
    return deidentifiedSql(view, relation, this.options);
  }

  says(omitted: readonly DroppedColumn[]): Deidentified {
    return { ...this.project, at: this.at, omitted: omitted.map(({ name }) => name) };
  }
}

/** Runs statements in which the secret may stand. What goes wrong is told without them: DuckDB quotes the statement. */
export function withoutStatement<T>(work: () => Promise<T>): Promise<T> {
  return work().catch((error: Error) => {
    // Errors of DuckDB have no class of their own.
    if (error.constructor !== Error) throw error;
    throw new Error(error.message.split('\n')[0].replace(/[0-9a-f]{16,}/gi, '…'));
  });
}
