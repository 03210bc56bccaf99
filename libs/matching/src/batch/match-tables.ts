import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { RecordTable } from '../engine/record-table.js';
import { Values } from '../engine/values.js';
import { type Learned, learnModel, type Matched, matchPeople } from './match-people.js';
import { addPeople, emptyPeople, type People } from './people-table.js';
import { LEARNING, type OnProgress, StageProgress } from './stage-progress.js';

export interface MatchedTables extends Matched {
  people: People;
}

export interface TableOptions {
  /** Compare only across two files. */
  link: boolean;
  threads?: number;
  onProgress?: OnProgress;
}

/** Below it threads cost more than they save. */
const THREADS_FROM = 20_000;

export function threadsFor(records: number, threads: number): number {
  return records < THREADS_FROM ? 0 : threads;
}

/**
 * Matches the people of CSV files (also `.gz`): within all of them together, or across two that are linked.
 * @param map fields of columns whose names are not known
 * @throws Error when a file cannot be read or no column is recognized
 */
export async function matchTables(
  files: readonly string[],
  map: Readonly<Record<string, string>>,
  { link, threads = 2, onProgress }: TableOptions,
): Promise<MatchedTables> {
  if (files.length === 0 || (link && files.length !== 2))
    throw new Error(`${link ? 'two files are' : 'at least one file is'} needed: ${files.length} were named`);
  const progress = new StageProgress(LEARNING, onProgress);
  progress.begin('read');
  const { table, people } = readTables(files, map);
  const sizeA = link ? people.source.indexOf(1) : undefined;
  if (sizeA === -1) throw new Error(`${files[1]} has no rows: there is nothing to link`);
  const matched = await matchPeople(table, people.ids, sizeA, {
    threads: threadsFor(table.size, threads),
    progress,
  });
  return { ...matched, people };
}

/** A model of the people of CSV files, without labels. @throws Error as `matchTables`. */
export async function learnFromTables(
  files: readonly string[],
  map: Readonly<Record<string, string>>,
  { threads = 2, onProgress }: Omit<TableOptions, 'link'>,
): Promise<Learned> {
  const progress = new StageProgress(LEARNING, onProgress);
  progress.begin('read');
  const { table } = readTables(files, map);
  return learnModel(table, undefined, { threads: threadsFor(table.size, threads), progress });
}

/** @throws Error when a file cannot be read or no column is recognized. */
function readTables(
  files: readonly string[],
  map: Readonly<Record<string, string>>,
): { table: RecordTable; people: People } {
  const table = new RecordTable(new Values());
  const people = emptyPeople();
  for (const file of files) addPeople(readText(file), people, table, map);
  return { table, people };
}

function readText(file: string): string {
  const bytes = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}
