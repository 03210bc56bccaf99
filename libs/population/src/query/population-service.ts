import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FhirError } from '@chartledger/platform';
import { type Forgets, type ShreddedKeys } from '@chartledger/security';
import { type PseudonymOf } from '../live/forget-rows.js';
import { type PopulationGauges } from '../live/gauges.js';
import { type PopulationProjector } from '../live/projector.js';
import { type PopulationStatus } from '../live/status.js';
import { quoted } from '../store/names.js';
import { Exports } from './exports.js';
import { ForgetShredded } from './forget-shredded.js';
import { findSubjects } from './find-subjects.js';
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
import { ProjectFiles } from './project-files.js';
import { publishParquet } from './publish-parquet.js';
import { MEDIA_TYPES } from './row-formats.js';
import { presentScope, viewRelation } from './snapshot.js';
import { AnswerWriter, type AnswerContext } from './write-answer.js';

export interface ServiceContext extends AnswerContext {
  projector: PopulationProjector;
  /** For files that are made to answer. */
  folder: string;
  /** Tells of data keys that are destroyed, and is asked before every answer whether there are any. */
  shredded: (keeper: Forgets) => Pick<ShreddedKeys, 'start' | 'stop' | 'caughtUp'>;
  pseudonymOf: PseudonymOf;
}

/** Answers questions of the live views, in the thread that keeps them. */
export class PopulationService implements Population {
  private readonly projects: ProjectFiles;
  private readonly writer: AnswerWriter;
  private readonly exports: Exports;
  private readonly answers: string;
  private readonly shredded: Pick<ShreddedKeys, 'start' | 'stop' | 'caughtUp'>;

  constructor(private readonly context: ServiceContext) {
    this.projects = new ProjectFiles(context.store, join(context.folder, 'projects'));
    this.writer = new AnswerWriter(context, this.projects);
    this.exports = new Exports(join(context.folder, 'exports'));
    this.answers = join(context.folder, 'answers');
    const { projects, exports } = this;
    this.shredded = context.shredded(new ForgetShredded({ ...context, projects, exports }));
  }

  async start(): Promise<void> {
    await this.projects.start();
    await this.exports.start();
    await rm(this.answers, { recursive: true, force: true });
    await mkdir(this.answers, { recursive: true });
    await this.shredded.start();
  }

  async stop(): Promise<void> {
    await this.shredded.stop();
    await this.exports.stop();
  }

  status(): Promise<PopulationStatus> {
    return this.context.projector.status();
  }

  gauges(): Promise<PopulationGauges> {
    return this.context.projector.gauges();
  }

  async run(question: SqlQuestion): Promise<SqlAnswer> {
    await this.shredded.caughtUp();
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
      const { artifacts, found } = await findSubjects(this.context, question);
      const written = await this.writer.write({ file, artifacts, subject, question, isExport: false }, found[0]);
      const { size } = await stat(file);
      return { file, bytes: size, mediaType: MEDIA_TYPES[question.format], ...written };
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }

  async startExport(question: SqlQuestion): Promise<string> {
    await this.shredded.caughtUp();
    const { artifacts, found } = await findSubjects(this.context, question);
    const subjects = question.request.subjects.map((subject, index) => ({ subject, artifact: found[index] }));
    // One snapshot for all: as of the positions that are reached now.
    const positions = question.asOf ?? (await this.context.store.read(async (_, at) => listed(at)));
    const pinned = { ...question, asOf: positions };
    return this.exports.begin(question, subjects, positions, (file, { subject, artifact }) =>
      this.writer.write({ file, artifacts, subject, question: pinned, isExport: true }, artifact),
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
    await this.shredded.caughtUp();
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
    await this.shredded.caughtUp();
    await projector.reached(new Map(until));
    return publishParquet(store, projector.live, join(folder, 'parquet'));
  }

  rebuild(): Promise<void> {
    return this.context.projector.rebuild();
  }
}

function isGone(error: unknown): boolean {
  return /^Catalog Error: Table with name v\d+ does not exist/.test((error as Error).message);
}
