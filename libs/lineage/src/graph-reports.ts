import { SYSTEM_CHAIN, SYSTEM_SOURCE } from '@chartledger/ledger';
import { type Actor } from '@chartledger/platform';
import { nodeId, nodeKind, type RecordNode } from './graph-node.js';
import { type ChainLookups, type GraphLookups, type RecordName } from './graph-lookups.js';
import { recordNode, stepDown, stepUp } from './graph-steps.js';
import { type Step, type Steps } from './graph-walk.js';
import { type LineageEntry } from './lineage-entry.js';
import { type CountedSubject, type EntryPlace, type ReportLookups } from './report-lookups.js';

/** Subjects that are read at once: their entries take some MB. */
const PAGE_SUBJECTS = 200;
/** Entries that name the patients of a page: persons, and reports with their subject. */
const MAX_POINTERS = 5_000;

/** A subject of a report: the person, where it was known to be one, and the versions that the logic read. */
export interface ReportedSubject {
  person: RecordNode | undefined;
  /** Whose records were read. */
  patients: RecordName[];
  records: RecordNode[];
}

/** From reports up to the persons that they count, and the versions of records that their logic read of them. */
export async function evaluatedFor(
  actor: Actor,
  lookups: GraphLookups,
  reports: ReportLookups,
  nodes: readonly RecordNode[],
  limit: number,
): Promise<Steps> {
  const steps: Step[] = [];
  for (const node of nodes.filter((one) => nodeKind(one) === 'report')) {
    for (let after: string | undefined; ;) {
      const page = await reports.subjectsOf(actor, node.id, PAGE_SUBJECTS, after);
      for (const { person, records } of await openSubjects(lookups, node, page)) {
        if (person) steps.push(stepUp('counted', person, node, SYSTEM_CHAIN, node.seq));
        for (const record of records) steps.push(stepUp('evaluated', record, node, SYSTEM_CHAIN, node.seq));
      }
      if (steps.length > limit) return { steps: steps.slice(0, limit), more: true };
      if (page.length < PAGE_SUBJECTS) break;
      after = page[page.length - 1].result;
    }
  }
  return { steps, more: false };
}

/** From versions of sources' records down to the reports whose logic read them. */
export async function reportsOn(
  actor: Actor,
  lookups: GraphLookups,
  reports: ReportLookups,
  nodes: readonly RecordNode[],
  limit: number,
): Promise<Steps> {
  if (!lookups.chains.includes(SYSTEM_CHAIN)) return { steps: [], more: false };
  const found = await reports.reportsOf(actor, nodes, limit + 1);
  const system = await lookups.on(SYSTEM_CHAIN);
  const asked = found.flatMap((ids, index) => ids.map((id) => ({ node: nodes[index], id })));
  const names = asked.map(({ id }) => ({ source: SYSTEM_SOURCE, type: 'MeasureReport', id }));
  const versions = await system.versionsMeant(
    names.map((name) => ({ ...name, at: system.position, last: system.position, version: 1 })),
  );
  const steps = asked.flatMap(({ node }, index) => {
    const first = versions[index].find(({ version, isConfirmation }) => version === 1 && !isConfirmation);
    // It is recorded before it is in the ledger, and may be later than what is asked for.
    if (!first || first.seq > system.position) return [];
    const report = recordNode(SYSTEM_CHAIN, names[index], first);
    return [stepDown('evaluated', node, report, SYSTEM_CHAIN, first.seq)];
  });
  return { steps: steps.slice(0, limit), more: asked.length > limit };
}

/** Who subjects of a report are, as they were known where the report stands. What cannot be read any more is left out. */
export async function openSubjects(
  lookups: GraphLookups,
  report: RecordNode,
  subjects: readonly CountedSubject[],
): Promise<ReportedSubject[]> {
  const entries = await entriesAt(
    lookups,
    subjects.flatMap(({ touched }) => touched),
  );
  const opened = subjects.map(({ touched }): ReportedSubject => {
    const found = touched.flatMap(({ chain, seq }) => {
      const entry = entries.get(`${chain}:${seq}`);
      return entry ? [{ chain, entry }] : [];
    });
    return {
      person: undefined,
      patients: patientsOf(found.map(({ entry }) => entry)),
      records: found.map(({ chain, entry }) => recordNode(chain, entry, entry)),
    };
  });
  const persons = await personsOf(
    await lookups.on(SYSTEM_CHAIN),
    report,
    opened.flatMap(({ patients }) => patients),
  );
  for (const subject of opened)
    subject.person = subject.patients.map((patient) => persons.get(keyOf(patient))).find((person) => person);
  return opened;
}

type NamedEntry = LineageEntry & { id: string };

async function entriesAt(lookups: GraphLookups, places: readonly EntryPlace[]): Promise<Map<string, NamedEntry>> {
  const found = new Map<string, NamedEntry>();
  for (const chain of new Set(places.map((place) => place.chain))) {
    if (!lookups.chains.includes(chain)) continue;
    const on = await lookups.on(chain);
    const seqs = [...new Set(places.filter((place) => place.chain === chain).map(({ seq }) => seq))].filter(
      (seq) => seq <= on.position,
    );
    for (const entry of await on.entries(seqs)) if (isNamed(entry)) found.set(`${chain}:${entry.seq}`, entry);
  }
  return found;
}

function isNamed(entry: LineageEntry): entry is NamedEntry {
  return entry.id !== undefined;
}

/** The patients that records are, or refer to, each once. */
function patientsOf(entries: readonly NamedEntry[]): RecordName[] {
  const patients = new Map<string, RecordName>();
  for (const { source, type, id, references } of entries) {
    const named = type === 'Patient' ? [{ type, id }] : references.filter((one) => one.type === 'Patient');
    for (const one of named) {
      const patient = { source, type: 'Patient', id: one.id };
      patients.set(keyOf(patient), patient);
    }
  }
  return [...patients.values()];
}

/** By patient, the version of the Person that linked it where the report stands. */
async function personsOf(
  system: ChainLookups,
  report: RecordNode,
  patients: readonly RecordName[],
): Promise<Map<string, RecordNode>> {
  if (patients.length === 0) return new Map();
  const [{ basis }] = await system.entries([report.seq]);
  const at = basis.get(SYSTEM_CHAIN) ?? report.seq;
  const pointers = await system.pointersTo(
    patients.map(({ source, type, id }) => ({ kind: 'lineage', source, record: `${type}/${id}`, first: 0, last: at })),
    MAX_POINTERS,
  );
  const ids = new Set<string>();
  for (const { type, id } of await system.entries(pointers.map(({ seq }) => seq)))
    if (type === 'Person' && id !== undefined) ids.add(id);
  const names = [...ids].map((id) => ({ source: SYSTEM_SOURCE, type: 'Person', id }));
  const versions = await system.versionsMeant(names.map((name) => ({ ...name, at, last: at, version: undefined })));
  const held = names.flatMap((name, index) => {
    const version = versions[index].findLast(({ seq, isConfirmation }) => seq <= at && !isConfirmation);
    return version && !version.isDeletion ? [recordNode(SYSTEM_CHAIN, name, version)] : [];
  });
  const persons = new Map<string, RecordNode>();
  const entries = await system.entries(held.map(({ seq }) => seq));
  held.forEach((node, index) => {
    for (const patient of entries[index].decidedOn) persons.set(keyOf(patient), node);
  });
  return persons;
}

function keyOf({ source, type, id }: RecordName): string {
  return `${source}/${type}/${id}`;
}

/** A page of the subjects of a report, as `GET /lineage/reports/ID/subjects` answers. */
export interface SubjectsPage {
  report: string;
  position: string;
  subjects: { person: string | null; patients: string[]; records: { id: string; position: string; time: string }[] }[];
  /** What the page after is asked for with; null after the last one. */
  next: string | null;
}

export function subjectsAnswer({ person, patients, records }: ReportedSubject): SubjectsPage['subjects'][number] {
  return {
    person: person ? nodeId(person) : null,
    patients: patients.map(keyOf),
    records: records.map((record) => ({
      id: nodeId(record),
      position: `${record.chain}:${record.seq}`,
      time: record.time,
    })),
  };
}
