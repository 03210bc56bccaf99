import { type Ledger, type Positions } from '@chartledger/ledger';
import { type EntryOpener } from '@chartledger/projection';
import {
  Deidentification,
  omittedColumn,
  registeredView,
  sentView,
  withoutStatement,
} from '../deidentify/deidentification.js';
import { ProjectSecret } from '../deidentify/project-secret.js';
import { viewSource } from '../live/view-source.js';
import { type LockedSql } from '../locked-sql/locked-sql.js';
import { SqlFailedError } from '../locked-sql/errors.js';
import { literal, quoted } from '../store/names.js';
import { type PopulationStore } from '../store/population-store.js';
import { adHocRows } from './ad-hoc-rows.js';
import { fillPersons, makeAdHocTable, readPersons } from './ad-hoc-table.js';
import { duckRows, PARQUET, writeParquet, writeRows, type AnswerRows } from './answer-rows.js';
import { type Artifact, type Artifacts } from './artifacts.js';
import { inMemory } from '../store/in-memory.js';
import { inlineRows } from './inline-rows.js';
import { listed, type SqlAnswer, type SqlQuestion } from './population.js';
import { dollarPlaceholders } from './placeholders.js';
import { type FillTable, type ProjectFiles } from './project-files.js';
import { snapshotDay } from './moments.js';
import { identifiedRelation, presentScope, viewRows, type Scope } from './snapshot.js';
import { bindParameters } from './sql-library.js';
import { type Subject } from './sql-request.js';
import { projectTables, tableGraph } from './table-graph.js';

/** What one answer may have; more is what exports are for. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
/** An export may take as long as a person waits for a file. */
const EXPORT_LIMITS = { seconds: 600, rows: 50_000_000, bytes: 4 * 1024 ** 3 };

export interface AnswerContext {
  store: PopulationStore;
  locked: LockedSql;
  ledger: Ledger;
  opener: EntryOpener;
  /** What the secrets of projects are derived from: see `ProjectSecret.derive`. */
  projectMaster: Buffer;
}

/** What is to be written, and as which part of what. */
export interface AnswerTask {
  file: string;
  artifacts: Artifacts;
  subject: Subject;
  question: SqlQuestion;
  isExport: boolean;
}

export type Written = Pick<SqlAnswer, 'positions' | 'deidentified'>;

type OfKind<K extends Artifact['kind']> = Extract<Artifact, { kind: K }>;

/** Writes the rows of subjects to files: as the records are, or for a project de-identified, and nothing else. */
export class AnswerWriter {
  constructor(
    private readonly context: AnswerContext,
    private readonly projects: ProjectFiles,
  ) {}

  async write(task: AnswerTask, artifact: Artifact): Promise<Written> {
    if (artifact.kind === 'sql') return this.writeSql(task, artifact);
    if (artifact.kind === 'definition') return this.writeAdHoc(task, artifact.definition);
    if (task.question.request.resources.length === 0) return this.writeKept(task, artifact);
    return this.writeAdHoc(task, JSON.parse(artifact.view.row.definition));
  }

  private async writeKept(task: AnswerTask, { view }: OfKind<'kept'>): Promise<Written> {
    const { question } = task;
    const scope = scopeOf(question);
    const shown = question.project && registeredView(view.source, JSON.parse(view.row.definition), question.project);
    return this.context.store.read(async (connection, positions) => {
      const deidentify = await this.deidentification(question, scope.asOf ?? positions);
      const present = presentScope(scope, positions);
      const rows = deidentify
        ? deidentify.rows(shown!, `(${identifiedRelation(view, present)})`)
        : viewRows(view, present);
      await withoutStatement(() => this.writeStatement(task, connection, rows));
      return {
        positions: question.asOf ?? listed(positions),
        ...(deidentify ? { deidentified: deidentify.says(shown!.dropped) } : {}),
      };
    });
  }

  private async writeSql(task: AnswerTask, { library }: OfKind<'sql'>): Promise<Written> {
    const { question, subject, artifacts, isExport } = task;
    const tables = projectTables(tableGraph(artifacts, [library], question.request.context), question.project);
    const omitted = tables.flatMap((table) => (table.kind === 'sql' ? [] : (table.shown?.omitted ?? [])));
    const declared = library.parameters.map(({ name }) => name);
    try {
      const { path, positions, deidentify } = await this.projects.make(
        tables,
        scopeOf(question),
        this.fillTable(question),
        (at) => this.deidentification(question, at),
      );
      const result = await this.context.locked.run(path, dollarPlaceholders(library.sql, declared), {
        tables: library.tables.map(({ label }) => label),
        parameters: bindParameters(library, subject.parameters ?? []),
        ...(isExport ? { limits: EXPORT_LIMITS } : {}),
      });
      await this.writeRows(task, { columns: result.columns, batches: result.rows });
      return { positions: listed(positions), ...(deidentify ? { deidentified: deidentify.says([]) } : {}) };
    } catch (error) {
      if (!(error instanceof SqlFailedError)) throw error;
      throw omittedColumn(error.message, omitted) ?? error;
    }
  }

  private async writeAdHoc(task: AnswerTask, definition: unknown): Promise<Written> {
    const { question } = task;
    const { resources, limit } = question.request;
    const view = viewSource(definition);
    const positions = question.asOf ?? question.until;
    const { patients, since } = scopeOf(question);
    const shown = question.project && sentView(view, definition, question.project);
    const deidentify = await this.deidentification(question, new Map(positions));
    const batches =
      resources.length > 0
        ? inlineRows(view, resources)
        : adHocRows(this.context, view, { positions: new Map(positions), patients, since });
    const persons = deidentify ? await readPersons(this.context.store, new Map(positions)) : [];
    await inMemory(async (connection) => {
      await fillPersons(connection, persons);
      await makeAdHocTable(connection, 'answer', view, batches);
      const own = view.columns.map(({ name }) => quoted(name)).join(', ');
      const rows = deidentify ? deidentify.rows(shown!, 'answer') : `select ${own} from answer`;
      await withoutStatement(() => this.writeStatement(task, connection, rows, limit));
    });
    return { positions, ...(deidentify ? { deidentified: deidentify.says([]) } : {}) };
  }

  private async writeStatement(
    { file, question, isExport }: AnswerTask,
    connection: Parameters<typeof duckRows>[0],
    rows: string,
    limit = question.request.limit,
  ): Promise<void> {
    const { format, request } = question;
    const sql = `${rows}${limit === undefined ? '' : ` limit ${limit}`}`;
    if (format === 'parquet') await connection.run(`copy (${sql}) to ${literal(file)} ${PARQUET}`);
    else {
      const written = { ...sizeLimit(isExport), format, header: request.header, isDeidentified: !!question.project };
      await writeRows(file, await duckRows(connection, sql), written);
    }
  }

  private async writeRows({ file, question, isExport }: AnswerTask, rows: AnswerRows): Promise<void> {
    const { format, project, request } = question;
    const { header, limit } = request;
    if (format === 'parquet') await inMemory((connection) => writeParquet(connection, file, rows, limit));
    else await writeRows(file, rows, { ...sizeLimit(isExport), format, header, limit, isDeidentified: !!project });
  }

  private fillTable(question: SqlQuestion): FillTable {
    return async (connection, label, definition, positions) => {
      const view = viewSource(definition);
      const { patients, since } = scopeOf(question);
      await makeAdHocTable(connection, label, view, adHocRows(this.context, view, { positions, patients, since }));
    };
  }

  private async deidentification(
    { project }: SqlQuestion,
    positions: Positions,
  ): Promise<Deidentification | undefined> {
    if (!project) return undefined;
    const { ledger, projectMaster } = this.context;
    const day = await snapshotDay(ledger, positions);
    return new Deidentification(project, ProjectSecret.derive(projectMaster, project.name), day);
  }
}

export function scopeOf({ asOf, since, patients }: SqlQuestion): Scope {
  return {
    ...(asOf ? { asOf: new Map(asOf) } : {}),
    ...(since ? { since: new Map(since) } : {}),
    ...(patients ? { patients } : {}),
  };
}

function sizeLimit(isExport: boolean): { maxBytes?: number } {
  return isExport ? {} : { maxBytes: MAX_ANSWER_BYTES };
}
