import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { town } from './town.js';
import { writeTown } from './write-town.js';

describe('writeTown', () => {
  let outDir: string;
  beforeEach(() => void (outDir = mkdtempSync(join(tmpdir(), 'chartledger-town-'))));
  afterEach(() => rmSync(outDir, { recursive: true }));

  it('writes each file byte for byte, the truth beside them, and counts as it goes', () => {
    const options = { patients: 12, seed: 5 };
    const calls: number[] = [];
    const written = writeTown(options, outDir, ({ files }) => calls.push(files));
    const files = [...town(options)];
    for (const { path, text } of files) expect(readFileSync(join(outDir, path), 'utf8')).toBe(text);
    const truth = readFileSync(join(outDir, 'truth.csv'), 'utf8').trimEnd().split('\n');
    expect(truth[0]).toBe('source,patient,person,errors');
    expect(truth).toHaveLength(1 + written.records);
    expect(calls).toEqual(files.map((_file, at) => at + 1));
    expect(written.resources).toBe(files.reduce((sum, { resources }) => sum + resources, 0));
  });

  it('refuses a folder in which something is', () => {
    writeTown({ patients: 1, seed: 5 }, outDir);
    expect(() => writeTown({ patients: 1, seed: 6 }, outDir)).toThrow('is not empty');
  });
});
