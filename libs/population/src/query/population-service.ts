import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Ledger, type Positions } from '@chartledger/ledger';
import { FhirError } from '@chartledger/platform';
import { type EntryOpener } from '@chartledger/projection';
import { readLibraries } from '../live/libraries.js';
import { type PopulationProjector } from '../live/projector.js';
import { type PopulationStatus } from '../live/status.js';
import { viewSource } from '../live/view-source.js';
import { type LockedSql } from '../locked-sql/locked-sql.js';
import { literal, quoted } from '../store/names.js';
import { type PopulationStore } from '../store/population-store.js';
import { adHocRows } from './ad-hoc-rows.js';
import { makeAdHocTable } from './ad-hoc-table.js';
import { duckRows, PARQUET, writeParquet, writeRows, type AnswerRows } from './answer-rows.js';
import { findSubject, type Artifact, type Artifacts } from './artifacts.js';
import { Exports } from './exports.js';
import { inlineRows } from './inline-rows.js';
import {
  listed,
  type ExportState,
  type Population,
  type PositionList,
  type SqlAnswer,
  type SqlQuestion,
  type TrustedStatement,
  type ViewShape,
} from './population.js';
import { publishParquet } from './publish-parquet.js';
import { ProjectFiles, type FillTable } from './project-files.js';
import { MEDIA_TYPES } from './row-formats.js';
import { presentScope, viewRelation, viewRows, type Scope } from './snapshot.js';
import { bindParameters } from './sql-library.js';
import { dollarPlaceholders } from './placeholders.js';
import { type Subject } from './sql-request.js';
import { tableGraph } from './table-graph.js';

/** What one answer may have; more is what exports are for. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
/** An export may take as long as a person waits for a file. */
const EXPORT_LIMITS = { seconds: 600, rows: 50_000_000, bytes: 4 * 1024 ** 3 };

/** How long a question waits for views that are being filled before it is answered by what there is. */
const FILL_PATIENCE_MS = 3_000;

export interface ServiceContext {
  store: PopulationStore;
  projector: PopulationProjector;
  locked: LockedSql;
  ledger: Ledger;
  opener: EntryOpener;
  /** For files that are made to answer. */
  folder: string;
}

/** Answers questions of the live views, in the thread that keeps them. */
export class PopulationService implements Population {
  private readonly projects: ProjectFiles;
  private readonly exports: Exports;
  private readonly answers: string;

  constructor(private readonly context: ServiceContext) {
    this.projects = new ProjectFiles(context.store, join(context.folder, 'projects'));
    this.exports = new Exports(join(context.folder, 'exports'));
    this.answers = join(context.folder, 'answers');
  }

  async start(): Promise<void> {
    await this.projects.start();
    await this.exports.start();
    await rm(this.answers, { recursive: true, force: true });
    await mkdir(this.answers, { recursive: true });
  }

  async stop(): Promise<void> {
    await this.exports.stop();
  }

  status(): Promise<PopulationStatus> {
    return this.context.projector.status();
  }

  async run(question: SqlQuestion): Promise<SqlAnswer> {
    try {
      return await this.runNow(question);
    } catch (error) {
      // Between finding the view and reading it, another version of it was swapped in: that one is read.
      if (!isGone(error)) throw error;
      return this.runNow(question);
    }
  }

  private async runNow(question: SqlQuestion): Promise<SqlAnswer> {
    const file = join(this.answers, randomUUID());
    try {
      const [subject] = question.request.subjects;
      const { artifacts, found } = await this.find(question);
      const positions = await this.write(file, artifacts, found[0], subject, question, false);
      const { size } = await stat(file);
      return { file, bytes: size, mediaType: MEDIA_TYPES[question.format], positions };
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }

  async startExport(question: SqlQuestion): Promise<string> {
    const { artifacts, found } = await this.find(question);
    const subjects = question.request.subjects.map((subject, index) => ({ subject, artifact: found[index] }));
    // One snapshot for all: as of the positions that are reached now.
    const positions = question.asOf ?? (await this.context.store.read(async (_, at) => listed(at)));
    const pinned = { ...question, asOf: positions };
    return this.exports.begin(question, subjects, positions, (file, { subject, artifact }) =>
      this.write(file, artifacts, artifact, subject, pinned, true),
    );
  }

  async exportState(id: string): Promise<ExportState | undefined> {
    return this.exports.state(id);
  }

  cancelExport(id: string): Promise<boolean> {
    return this.exports.cancel(id);
  }

  async view(name: string, until: PositionList): Promise<ViewShape | undefined> {
    await this.context.projector.reached(new Map(until));
    const kept = this.context.projector.live.find(({ row, source }) => row.id === name || source.name === name);
    return (
      kept && {
        id: kept.row.id,
        name: kept.source.name ?? kept.row.id,
        version: kept.row.version,
        columns: kept.source.columns.map((column) => ({ name: column.name, type: column.sql })),
      }
    );
  }

  async query(statement: TrustedStatement): Promise<{ rows: Record<string, unknown>[]; positions: PositionList }> {
    const { projector, store } = this.context;
    await projector.reached(new Map(statement.until));
    const withPersons = /\bperson_key\b/i.test(statement.sql);
    return store.read(async (connection, positions) => {
      const relations = statement.relations.map(({ name, view, asOf }) => {
        const kept = projector.live.find(({ row, source }) => row.id === view || source.name === view);
        if (!kept) throw FhirError.of(404, 'not-found', `there is no view ${view}`);
        const scope = presentScope(asOf ? { asOf: new Map(asOf) } : {}, positions);
        return `${quoted(name)} as not materialized (${viewRelation(kept, scope, withPersons)})`;
      });
      const sql = `with ${relations.join(', ')} ${statement.sql}`;
      const reader = await connection.runAndReadAll(sql, [...statement.parameters]);
      return { rows: reader.getRowObjectsJS(), positions: listed(positions) };
    });
  }

  async publish(until: PositionList): Promise<string> {
    const { projector, store, folder } = this.context;
    await projector.reached(new Map(until));
    return publishParquet(store, projector.live, join(folder, 'parquet'));
  }

  rebuild(): Promise<void> {
    return this.context.projector.rebuild();
  }

  /** Finds the subjects and checks them; a view that was registered a moment ago is waited for. @throws FhirError. */
  private async find(question: SqlQuestion): Promise<{ artifacts: Artifacts; found: Artifact[] }> {
    const { projector } = this.context;
    await projector.reached(new Map(question.until));
    try {
      return await this.findNow(question);
    } catch (error) {
      if (!(error instanceof FhirError) || error.status !== 503 || !projector.isFilling) throw error;
      await Promise.race([projector.filled(), delay(FILL_PATIENCE_MS, undefined, { ref: false })]);
      return this.findNow(question);
    }
  }

  private async findNow(question: SqlQuestion): Promise<{ artifacts: Artifacts; found: Artifact[] }> {
    const { projector, store } = this.context;
    const libraries = await store.read((connection) => readLibraries(connection));
    const artifacts = { live: projector.live, unready: projector.unready, libraries };
    const found = question.request.subjects.map((subject) => {
      const artifact = findSubject(artifacts, subject);
      this.checkSubject(artifacts, artifact, subject, question);
      return artifact;
    });
    return { artifacts, found };
  }

  /** What can be wrong with a question before it runs. @throws FhirError. */
  private checkSubject(artifacts: Artifacts, artifact: Artifact, subject: Subject, { request }: SqlQuestion): void {
    if (artifact.kind === 'sql') {
      if (request.resources.length > 0) {
        throw FhirError.of(400, 'invalid', 'resources can be sent for a ViewDefinition only', 'resource');
      }
      bindParameters(artifact.library, subject.parameters ?? []);
      tableGraph(artifacts, [artifact.library], request.context);
      return;
    }
    if (subject.parameters) {
      throw FhirError.of(400, 'invalid', 'a ViewDefinition declares no parameters', 'parameters');
    }
    if (request.context.length > 0) {
      throw FhirError.of(400, 'invalid', 'a ViewDefinition depends on nothing: take the context out', 'context');
    }
    if (artifact.kind === 'definition') viewSource(artifact.definition);
  }

  /** Writes the rows of a subject to a file. @returns the positions that they stand on. */
  private async write(
    file: string,
    artifacts: Artifacts,
    artifact: Artifact,
    subject: Subject,
    question: SqlQuestion,
    isExport: boolean,
  ): Promise<PositionList> {
    if (artifact.kind === 'sql') return this.writeSql(file, artifacts, artifact, subject, question, isExport);
    if (artifact.kind === 'kept' && question.request.resources.length === 0) {
      return this.writeKept(file, artifact, question, isExport);
    }
    return this.writeAdHoc(file, artifact, question, isExport);
  }

  private async writeKept(
    file: string,
    { view }: Extract<Artifact, { kind: 'kept' }>,
    question: SqlQuestion,
    isExport: boolean,
  ): Promise<PositionList> {
    const { limit, header } = question.request;
    const scope = scopeOf(question);
    return this.context.store.read(async (connection, positions) => {
      const sql = `${viewRows(view, presentScope(scope, positions))}${limit === undefined ? '' : ` limit ${limit}`}`;
      if (question.format === 'parquet') await connection.run(`copy (${sql}) to ${literal(file)} ${PARQUET}`);
      else
        await writeRows(file, await duckRows(connection, sql), {
          ...options(isExport),
          format: question.format,
          header,
        });
      return question.asOf ?? listed(positions);
    });
  }

  private async writeSql(
    file: string,
    artifacts: Artifacts,
    { library }: Extract<Artifact, { kind: 'sql' }>,
    subject: Subject,
    question: SqlQuestion,
    isExport: boolean,
  ): Promise<PositionList> {
    const tables = tableGraph(artifacts, [library], question.request.context);
    const project = await this.projects.make(tables, scopeOf(question), this.fillTable(question));
    const result = await this.context.locked.run(
      project.path,
      dollarPlaceholders(
        library.sql,
        library.parameters.map(({ name }) => name),
      ),
      {
        tables: library.tables.map(({ label }) => label),
        parameters: bindParameters(library, subject.parameters ?? []),
        ...(isExport ? { limits: EXPORT_LIMITS } : {}),
      },
    );
    await this.writeAnswer(file, { columns: result.columns, batches: result.rows }, question, isExport);
    return listed(project.positions);
  }

  private async writeAdHoc(
    file: string,
    artifact: Exclude<Artifact, { kind: 'sql' }>,
    question: SqlQuestion,
    isExport: boolean,
  ): Promise<PositionList> {
    const view = artifact.kind === 'kept' ? artifact.view.source : viewSource(artifact.definition);
    const { resources } = question.request;
    const positions = question.asOf ?? question.until;
    const { patients, since } = scopeOf(question);
    const batches =
      resources.length > 0
        ? inlineRows(view, resources)
        : adHocRows(this.context, view, { positions: new Map(positions), patients, since });
    await inMemory(async (connection) => {
      await connection.run('create table _person (patient varchar, person varchar)');
      await makeAdHocTable(connection, 'answer', view, batches);
      const own = view.columns.map(({ name }) => quoted(name)).join(', ');
      const limit = question.request.limit === undefined ? '' : ` limit ${question.request.limit}`;
      const sql = `select ${own} from answer${limit}`;
      if (question.format === 'parquet') await connection.run(`copy (${sql}) to ${literal(file)} ${PARQUET}`);
      else await this.writeAnswer(file, await duckRows(connection, sql), question, isExport);
    });
    return positions;
  }

  private async writeAnswer(
    file: string,
    rows: AnswerRows,
    { format, request: { header, limit } }: SqlQuestion,
    isExport: boolean,
  ): Promise<void> {
    if (format === 'parquet') await inMemory((connection) => writeParquet(connection, file, rows, limit));
    else await writeRows(file, rows, { ...options(isExport), format, header, limit });
  }

  private fillTable(question: SqlQuestion): FillTable {
    return async (connection, { label, definition }, positions) => {
      const view = viewSource(definition);
      const { patients, since } = scopeOf(question);
      await makeAdHocTable(connection, label, view, adHocRows(this.context, view, { positions, patients, since }));
    };
  }
}

function isGone(error: unknown): boolean {
  return /^Catalog Error: Table with name v\d+ does not exist/.test((error as Error).message);
}

function scopeOf({ asOf, since, patients }: SqlQuestion): Scope {
  return {
    ...(asOf ? { asOf: new Map(asOf) satisfies Positions } : {}),
    ...(since ? { since: new Map(since) } : {}),
    ...(patients ? { patients } : {}),
  };
}

function options(isExport: boolean): { maxBytes?: number } {
  return isExport ? {} : { maxBytes: MAX_ANSWER_BYTES };
}

async function inMemory<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { autoload_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
