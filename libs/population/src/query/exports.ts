import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChartledgerError, FhirError, UnavailableError } from '@chartledger/platform';
import { nameOf, type Artifact } from './artifacts.js';
import { type ExportState, type PositionList, type SqlAnswer, type SqlQuestion } from './population.js';
import { MEDIA_TYPES } from './row-formats.js';
import { type Subject } from './sql-request.js';

/** SQL on FHIR asks for 24 hours; a file of health data should not lie about for long after. */
const KEPT_MS = 25 * 3600 * 1000;
/** Exports that may be under way; further ones are refused, because each holds a snapshot's rows on the disk. */
const MAX_RUNNING = 4;

const STATE_FILE = 'state.json';
const ID = /^[0-9a-f-]{36}$/;

export interface ExportSubject {
  subject: Subject;
  artifact: Artifact;
}

/** Makes the file of one subject. */
export type WriteSubject = (file: string, subject: ExportSubject) => Promise<Pick<SqlAnswer, 'deidentified'>>;

/** Exports, each a folder with its files and how it stands. */
export class Exports {
  private readonly running = new Map<string, { state: ExportState; isCancelled: boolean; work: Promise<void> }>();

  constructor(private readonly folder: string) {}

  /** What a process before did not finish failed; what is old is removed. */
  async start(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    for (const id of await readdir(this.folder)) {
      const state = await this.read(id);
      if (!state || (state.endedMs ?? 0) < Date.now() - KEPT_MS) {
        if (!state || state.state !== 'running') await rm(join(this.folder, id), { recursive: true, force: true });
      }
      if (state?.state === 'running')
        await this.save(
          failed(state, new UnavailableError('the server was stopped while the export was made: ask for it again')),
        );
    }
  }

  async stop(): Promise<void> {
    for (const job of this.running.values()) job.isCancelled = true;
    await Promise.all([...this.running.values()].map(({ work }) => work));
  }

  /** @returns the id. @throws FhirError. */
  async begin(
    { request, format }: SqlQuestion,
    subjects: readonly ExportSubject[],
    positions: PositionList,
    write: WriteSubject,
  ): Promise<string> {
    if (this.running.size >= MAX_RUNNING) throw new UnavailableError('too many exports are under way: ask again');
    const names = outputNames(subjects);
    const state: ExportState = {
      id: randomUUID(),
      state: 'running',
      ...(request.clientTrackingId ? { clientTrackingId: request.clientTrackingId } : {}),
      format,
      startedMs: Date.now(),
      done: 0,
      total: subjects.length,
      positions,
    };
    await mkdir(join(this.folder, state.id));
    await this.save(state);
    const job = { state, isCancelled: false, work: Promise.resolve() };
    this.running.set(state.id, job);
    job.work = this.work(job, subjects, names, write).finally(() => this.running.delete(state.id));
    return state.id;
  }

  /** Ends all and removes their files: what they hold was made before something was forgotten. */
  async forget(): Promise<void> {
    const jobs = [...this.running.values()];
    for (const job of jobs) job.isCancelled = true;
    await Promise.all(jobs.map(({ work }) => work));
    for (const id of await readdir(this.folder)) await rm(join(this.folder, id), { recursive: true, force: true });
  }

  async state(id: string): Promise<ExportState | undefined> {
    const job = this.running.get(id);
    if (job) return job.isCancelled ? undefined : { ...job.state };
    return this.read(id);
  }

  async cancel(id: string): Promise<boolean> {
    if (!(await this.state(id))) return false;
    const job = this.running.get(id);
    if (job) job.isCancelled = true;
    else await rm(join(this.folder, id), { recursive: true, force: true });
    return true;
  }

  private async work(
    job: { state: ExportState; isCancelled: boolean },
    subjects: readonly ExportSubject[],
    names: readonly string[],
    write: WriteSubject,
  ): Promise<void> {
    const { state } = job;
    const outputs: NonNullable<ExportState['outputs']> = [];
    try {
      for (const [index, subject] of subjects.entries()) {
        if (job.isCancelled) break;
        const file = join(this.folder, state.id, `${index + 1}.${state.format}`);
        const { deidentified } = await write(file, subject);
        const mediaType = MEDIA_TYPES[state.format];
        outputs.push({ name: names[index], file, mediaType, ...(deidentified ? { deidentified } : {}) });
        state.done += 1;
      }
      if (job.isCancelled) await rm(join(this.folder, state.id), { recursive: true, force: true });
      else await this.save(Object.assign(state, { state: 'done', endedMs: Date.now(), outputs }));
    } catch (error) {
      await this.save(Object.assign(state, failed(state, error as Error)));
    }
  }

  private async read(id: string): Promise<ExportState | undefined> {
    if (!ID.test(id)) return undefined;
    try {
      return JSON.parse(await readFile(join(this.folder, id, STATE_FILE), 'utf8')) as ExportState;
    } catch {
      return undefined;
    }
  }

  private async save(state: ExportState): Promise<void> {
    const file = join(this.folder, state.id, STATE_FILE);
    await writeFile(`${file}.new`, JSON.stringify(state));
    await rename(`${file}.new`, file);
  }
}

/** Names by which the client tells the outputs apart. @throws FhirError where two are the same. */
function outputNames(subjects: readonly ExportSubject[]): string[] {
  const names = subjects.map(
    ({ subject, artifact }, index) => subject.name ?? nameOf(artifact) ?? `output-${index + 1}`,
  );
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw FhirError.of(400, 'invalid', `two subjects would have the output name ${twice}: give them names`, 'subject');
}

function failed(state: ExportState, error: Error): ExportState {
  const isOurs = error instanceof ChartledgerError;
  const [code, diagnostics] = isOurs
    ? [error.code, error.message]
    : ['exception', 'the export failed here; the log names the reason'];
  return {
    ...state,
    state: 'failed',
    endedMs: Date.now(),
    failure: { status: isOurs ? error.status : 500, issues: [{ severity: 'error', code, diagnostics }] },
  };
}
