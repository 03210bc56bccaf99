import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Hospitals, practitioners and the like come first: patients' records refer to them. */
const FIRST = [/^(hospital|organization|location)/i, /^practitioner/i];
/** Changes of records come after the records. */
const UPDATES = `${sep}updates${sep}`;

export interface ImportFile {
  path: string;
  /** Files of a lower rank are sent before those of a higher one. */
  rank: number;
}

/** The files under the paths (.json, .ndjson, each also .gz), in the order in which they must be sent. */
export function importFiles(paths: readonly string[]): ImportFile[] {
  const files = paths.flatMap((path) => walk(path)).filter((path) => /\.(json|ndjson)(\.gz)?$/.test(path));
  return files
    .map((path) => ({ path, rank: rankOf(path) }))
    .sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** The bytes as they were before compression. */
export function readImportFile(path: string): Buffer {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

function walk(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => walk(join(path, name)));
}

function rankOf(path: string): number {
  if (path.includes(UPDATES)) return FIRST.length + 1;
  const first = FIRST.findIndex((form) => form.test(basename(path)));
  return first === -1 ? FIRST.length : first;
}
