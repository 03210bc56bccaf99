import { closeSync, existsSync, mkdirSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { town, type TownOptions } from './town.js';
import { TRUTH_HEADER, truthLine } from './truth.js';

export interface WrittenTown {
  readonly files: number;
  /** Patient records, of which several may be one person. */
  readonly records: number;
  readonly resources: number;
  readonly bytes: number;
}

export const TRUTH_FILE = 'truth.csv';

/**
 * Writes the town into `outDir`, with `truth.csv` beside the folders of the sources. The folder MUST be absent or
 * empty, or files of an earlier town would be taken for this one's. `onProgress` is called after each file.
 */
export function writeTown(
  options: TownOptions,
  outDir: string,
  onProgress: (written: WrittenTown) => void = () => undefined,
): WrittenTown {
  if (existsSync(outDir) && readdirSync(outDir).length > 0) {
    throw new Error(`${outDir} is not empty: name a new folder, or remove what is in it`);
  }
  mkdirSync(outDir, { recursive: true });
  const folders = new Set<string>();
  const truth = openSync(join(outDir, TRUTH_FILE), 'wx');
  let written: WrittenTown = { files: 0, records: 0, resources: 0, bytes: 0 };
  try {
    writeSync(truth, TRUTH_HEADER);
    for (const file of town(options)) {
      const target = join(outDir, file.path);
      const folder = dirname(target);
      if (!folders.has(folder)) mkdirSync(folder, { recursive: true });
      folders.add(folder);
      const bytes = Buffer.from(file.text);
      writeFileSync(target, bytes, { flag: 'wx' });
      if (file.truth !== undefined) writeSync(truth, truthLine(file.truth));
      written = {
        files: written.files + 1,
        records: written.records + (file.truth === undefined ? 0 : 1),
        resources: written.resources + file.resources,
        bytes: written.bytes + bytes.length,
      };
      onProgress(written);
    }
  } finally {
    closeSync(truth);
  }
  return written;
}
