import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '@chartledger/platform';
import { openStore, type Store } from '../../../chartledger/src/store.js';
import { backup } from '../backup/backup.js';
import { backupStoreOf } from '../backup/backup-store.js';
import { restore, type RestoreStep } from '../backup/restore.js';
import { subjectFromStore } from '../verify/verify.js';
import { type BenchOptions, type BenchResult } from './bench-options.js';
import { round } from './latency.js';
import { temporaryFolder } from '../temporary-folder.js';
import { fill } from './verify.js';

const DEFAULT_ENTRIES = 100_000;

/** A backup of a chain in the embedded ledger, one more with nothing new, and its restore into another embedded ledger. */
export async function benchBackup({ entries = DEFAULT_ENTRIES }: BenchOptions): Promise<BenchResult> {
  const folder = await temporaryFolder('bench');
  const dir = join(folder, 'backup');
  const open = (name: string): Promise<Store> => openStore(readConfig({ CHARTLEDGER_DATA_DIR: join(folder, name) }));
  try {
    const backupSeconds: number[] = [];
    const original = await open('data');
    try {
      await fill(original, entries);
      for (let time = 0; time < 2; time += 1) {
        const startedMs = performance.now();
        await backup(backupStoreOf(original), dir);
        backupSeconds.push((performance.now() - startedMs) / 1000);
      }
    } finally {
      await original.close();
    }
    await cp(join(folder, 'data', 'keys'), join(folder, 'restored', 'keys'), { recursive: true });
    const target = await open('restored');
    try {
      const begins = new Map<RestoreStep, number>();
      const startedMs = performance.now();
      await restore(
        backupStoreOf(target),
        dir,
        () => subjectFromStore(target, true),
        (step) => {
          if (!begins.has(step)) begins.set(step, performance.now());
        },
      );
      const endedMs = performance.now();
      const restoreSeconds = (endedMs - startedMs) / 1000;
      const appendSeconds = (begins.get('verifying the target')! - begins.get('restoring')!) / 1000;
      return {
        bench: 'backup',
        entries,
        seconds: round(backupSeconds[0]),
        perSecond: Math.round(entries / backupSeconds[0]),
        nothingNewSeconds: round(backupSeconds[1]),
        restoreSeconds: round(restoreSeconds),
        restorePerSecond: Math.round(entries / restoreSeconds),
        appendPerSecond: Math.round(entries / appendSeconds),
        memoryMb: Math.round(process.memoryUsage().rss / 1024 / 1024),
      };
    } finally {
      await target.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
