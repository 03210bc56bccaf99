import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { RecordTable } from '../engine/record-table.js';
import { Values } from '../engine/values.js';
import { type Matched, matchPeople, type Stage } from './match-people.js';
import { addPeople, emptyPeople, type People } from './people-table.js';

export interface MatchedTables extends Matched {
  people: People;
}

export interface TableOptions {
  /** Compare only across two files. */
  link: boolean;
  threads?: number;
  onStage?: (stage: Stage | 'read') => void;
}

/** Below it threads cost more than they save. */
const THREADS_FROM = 20_000;

/**
 * Matches the people of CSV files (also `.gz`): within all of them together, or across two that are linked.
 * @param map fields of columns whose names are not known
 * @throws Error when a file cannot be read or no column is recognized
 */
export async function matchTables(
  files: readonly string[],
  map: Readonly<Record<string, string>>,
  { link, threads = 2, onStage = () => undefined }: TableOptions,
): Promise<MatchedTables> {
  if (files.length === 0 || (link && files.length !== 2))
    throw new Error(`${link ? 'two files are' : 'at least one file is'} needed: ${files.length} were named`);
  onStage('read');
  const table = new RecordTable(new Values());
  const people = emptyPeople();
  for (const file of files) addPeople(readText(file), people, table, map);
  const sizeA = link ? people.source.indexOf(1) : undefined;
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
