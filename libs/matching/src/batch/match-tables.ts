import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { RecordTable } from '../engine/record-table.js';
import { Values } from '../engine/values.js';
import { type Matched, matchPeople, type Stage } from './match-people.js';
import { addPeople, emptyPeople, type People } from './people-table.js';

export interface MatchedTables extends Matched {
  people: People;
}

/** Below it threads cost more than they save. */
const THREADS_FROM = 20_000;

/**
 * Matches the people of a CSV file (also `.gz`), or across two.
 * @param map fields of columns whose names are not known
 * @throws Error when a file cannot be read or no column is recognized
 */
export async function matchTables(
  files: readonly string[],
  map: Readonly<Record<string, string>>,
  { threads = 2, onStage = () => undefined }: { threads?: number; onStage?: (stage: Stage | 'read') => void } = {},
): Promise<MatchedTables> {
  if (files.length === 0 || files.length > 2)
    throw new Error(`one file is deduplicated, two are linked: ${files.length} were named`);
  onStage('read');
  const table = new RecordTable(new Values());
  const people = emptyPeople();
  for (const file of files) addPeople(readText(file), people, table, map);
  const sizeA = files.length === 2 ? people.source.indexOf(1) : undefined;
  if (sizeA === -1) throw new Error(`${files[1]} has no rows: there is nothing to link`);
  const matched = await matchPeople(table, people.ids, sizeA, {
    threads: table.size < THREADS_FROM ? 0 : threads,
    onStage,
  });
  return { ...matched, people };
}

function readText(file: string): string {
  const bytes = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}
