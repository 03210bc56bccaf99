import { linkedPatients, type PersonVersion } from '../store/person-links.js';
import { type RecordEntry } from './record-entry.js';

/** A version of a ViewDefinition; without a definition it was deleted. */
export interface ViewChange {
  seq: number;
  id: string;
  version: number;
  definition: string | undefined;
}

/** What entries of the system's chain say of the views that are registered, in order. */
export function viewChanges(entries: readonly RecordEntry[]): ViewChange[] {
  return entries.flatMap(({ seq, envelope, id, version }) =>
    envelope.type === 'ViewDefinition' && id !== undefined
      ? [{ seq, id, version: envelope.version, definition: version && JSON.stringify(version.resource) }]
      : [],
  );
}

/** What they say of whose patients are one person, in order. */
export function personVersions(entries: readonly RecordEntry[]): PersonVersion[] {
  return entries.flatMap(({ seq, envelope, id, version }) =>
    envelope.type === 'Person' && id !== undefined
      ? [{ seq, person: `Person/${id}`, patients: version ? linkedPatients(version.resource) : [] }]
      : [],
  );
}

/** A version of a SQLQuery or SQLView Library; without a resource it is one no more. */
export interface LibraryChange {
  id: string;
  version: number;
  resource: string | undefined;
}

/** What they say of the Libraries that can be run, in order. */
export function libraryChanges(entries: readonly RecordEntry[]): LibraryChange[] {
  return entries.flatMap(({ envelope, id, version }) =>
    envelope.type === 'Library' && id !== undefined
      ? [
          {
            id,
            version: envelope.version,
            resource: version && isSql(version.resource) ? JSON.stringify(version.resource) : undefined,
          },
        ]
      : [],
  );
}

function isSql(library: object): boolean {
  const coding = (library as { type?: { coding?: { code?: unknown }[] } }).type?.coding;
  return Array.isArray(coding) && coding.some(({ code }) => code === 'sql-query' || code === 'sql-view');
}
