import { type SubmissionNode } from './graph-node.js';
import {
  type ChainLookups,
  type ContainedVersion,
  type GraphLookups,
  type PointerQuestion,
  type RecordName,
  type VersionEntry,
  type VersionQuestion,
} from './graph-lookups.js';
import { readLineageEntry, type LineageEntry } from './lineage-entry.js';
import { type ReportLookups } from './report-lookups.js';
import { CHAIN, type Story } from './story.fixture.js';

/** The look-ups over a story, as of a position: what the views and the ledger answer in the real ones. */
export class MemoryLookups implements ChainLookups, GraphLookups {
  readonly chain = CHAIN;
  readonly chains = [CHAIN];
  readonly position: number;
  private readonly all: (LineageEntry & { isConfirmation: boolean; record: string })[];

  constructor(story: Story, position = story.entries.length - 1) {
    this.position = position;
    this.all = story.entries.slice(0, position + 1).map((opened) => ({
      ...readLineageEntry(opened),
      isConfirmation: opened.envelope.kind === 'fhir.confirm',
      record: opened.envelope.record,
    }));
  }

  async chainOf(): Promise<number> {
    return CHAIN;
  }

  async on(): Promise<ChainLookups> {
    return this;
  }

  async entries(seqs: readonly number[]): Promise<LineageEntry[]> {
    return seqs.map((seq) => this.all[seq]);
  }

  async versionsMeant(questions: readonly VersionQuestion[]): Promise<VersionEntry[][]> {
    return questions.map((question) => this.versions(question));
  }

  async versionsAround(versions: readonly (RecordName & { version: number })[]): Promise<VersionEntry[][]> {
    return versions.map((asked) =>
      this.of(asked).filter(({ version, isConfirmation }) =>
        isConfirmation ? version === asked.version : Math.abs(version - asked.version) < 2,
      ),
    );
  }

  async versionsIn(submissions: readonly SubmissionNode[], limit: number): Promise<ContainedVersion[]> {
    const rows = submissions.flatMap(({ first, parts }, question) =>
      this.all.slice(first, first + parts).map((entry) => {
        const own = this.all.find((other) => other.record === entry.record && other.version === entry.version)!;
        const { source, type, seq: at, isConfirmation } = entry;
        return { ...own, question, at, source, type, id: entry.id!, isConfirmation };
      }),
    );
    return rows.slice(0, limit);
  }

  async pointersTo(questions: readonly PointerQuestion[], limit: number): Promise<{ question: number; seq: number }[]> {
    const rows = questions.flatMap(({ kind, record, first, last }, question) =>
      this.all
        .slice(first, last + 1)
        .filter(({ references }) =>
          references.some(({ type, id, version, isTarget }) => {
            const names = [`${type}/${id}`, `${type}/${id}/_history/${version}`];
            return names.includes(record) && (kind === 'lineage' || isTarget);
          }),
        )
        .map(({ seq }) => ({ question, seq })),
    );
    return rows.slice(0, limit);
  }

  async submissionsOf(client: string, limit: number): Promise<LineageEntry[]> {
    return this.all.filter((entry) => entry.part === 0 && entry.client === client).slice(0, limit);
  }

  private of({ type, id }: RecordName): VersionEntry[] {
    return this.all.filter((entry) => entry.type === type && entry.id === id);
  }

  private versions(name: RecordName): VersionEntry[] {
    return this.of(name).filter(({ isConfirmation }) => !isConfirmation);
  }
}

/** A ledger without measures. */
export const NO_REPORTS: ReportLookups = {
  subjectsOf: async () => [],
  reportsOf: async (_actor, entries) => entries.map(() => []),
};
