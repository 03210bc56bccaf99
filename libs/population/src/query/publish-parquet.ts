import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatPosition, type Positions } from '@chartledger/ledger';
import { readForgotten } from '../live/forget-rows.js';
import { type KeptView } from '../live/registered-view.js';
import { literal } from '../store/names.js';
import { type PopulationStore } from '../store/population-store.js';
import { OPEN } from '../store/view-table.js';
import { relationColumns, personLinks } from './snapshot.js';

/** Of the layout, for those who read it. */
export const LAYOUT_VERSION = 1;

export interface Manifest {
  layout: typeof LAYOUT_VERSION;
  /** As they are written elsewhere: `0:812,1:46497`. */
  positions: string;
  time: string;
  /** The number of the last data key that was destroyed before: rows under later ones are in the files. */
  shredded: number;
  views: ManifestView[];
}

export interface ManifestView {
  name: string;
  /** The ViewDefinition: its id and its version. */
  definition: { id: string; version: number };
  columns: { name: string; type: string }[];
  /** Relative to the manifest's folder, `/` between the parts. `cur`: rows that hold at the positions; `hist`: that held. */
  files: { path: string; part: 'cur' | 'hist'; source: string; bytes: number; sha256: string }[];
}

/**
 * Writes the live views as Parquet, Hive-partitioned by source, and a manifest that names every file. A manifest and its
 * files never change; `latest.json` is replaced by renaming. @returns the manifest's path.
 */
export async function publishParquet(
  store: PopulationStore,
  views: readonly KeptView[],
  folder: string,
): Promise<string> {
  return store.read(async (connection, positions) => {
    const place = written(positions);
    const run = place.replaceAll(':', '-').replaceAll(',', '_');
    const shredded = await readForgotten(connection);
    const time = new Date().toISOString();
    const manifest: Manifest = { layout: LAYOUT_VERSION, positions: place, time, shredded, views: [] };
    for (const view of views) {
      const name = view.source.name ?? view.row.id;
      const files: ManifestView['files'] = [];
      for (const part of ['cur', 'hist'] as const) {
        const path = join(name, run, part);
        await rm(join(folder, path), { recursive: true, force: true });
        await mkdir(join(folder, path), { recursive: true });
        await connection.run(
          `copy (${publishedRows(view, part)}) to ${literal(join(folder, path))}
           (format parquet, compression snappy, partition_by (ledger_source), filename_pattern 'part-{i}')`,
        );
        files.push(...(await filesOf(folder, path, part)));
      }
      manifest.views.push({
        name,
        definition: { id: view.row.id, version: view.row.version },
        columns: view.source.columns.map((column) => ({ name: column.name, type: column.sql })),
        files,
      });
    }
    const file = join(folder, `manifest-${run}.json`);
    await mkdir(folder, { recursive: true });
    await replace(file, JSON.stringify(manifest, null, 2));
    await replace(join(folder, 'latest.json'), JSON.stringify(manifest, null, 2));
    return file;
  });
}

/** Rows with the interval of positions in which they held; `_to` is null for what holds. */
function publishedRows(view: KeptView, part: 'cur' | 'hist'): string {
  return `select ${relationColumns(view.source).join(', ')}, if(v._to = ${OPEN}, null, v._to) as _to, v._source as ledger_source
    from ${view.tableName} v left join (${personLinks()}) p on p.patient = v._patient
    where v._to ${part === 'cur' ? '=' : '<>'} ${OPEN} order by v._chain, v._seq`;
}

async function filesOf(folder: string, path: string, part: 'cur' | 'hist'): Promise<ManifestView['files']> {
  const names = await readdir(join(folder, path), { recursive: true });
  const files: ManifestView['files'] = [];
  for (const name of names.filter((one) => one.endsWith('.parquet')).sort()) {
    const file = join(folder, path, name);
    files.push({
      path: join(path, name).replaceAll('\\', '/'),
      part,
      source: /ledger_source=([^/\\]+)/.exec(name)![1],
      bytes: (await stat(file)).size,
      sha256: createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    });
  }
  return files;
}

async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, `${text}\n`);
  await rename(`${file}.new`, file);
}

export function written(positions: Positions | Iterable<readonly [number, number]>): string {
  return [...positions].map(([chain, seq]) => formatPosition(chain, seq)).join(',');
}
