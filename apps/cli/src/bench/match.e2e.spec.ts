import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { sharedFolder } from '@chartledger/testing';
import { temporaryFolder } from '../temporary-folder.js';

const CLI = resolve(fileURLToPath(import.meta.url), '../../../../../dist/apps/cli/src/main.js');
const shared = sharedFolder();
const describeShared = shared ? describe : describe.skip;

interface Line {
  records: number;
  f1: number;
  clusterF1: number;
  certainPrecision: number;
  certainRecall: number;
  possibleInReview: number;
}

async function bench(files: readonly string[], ...more: string[]): Promise<Line> {
  const data = files.map((file) => join(shared!, 'data/matching', file)).join(',');
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'bench', 'match', '--data', data, ...more]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Line;
}

describeShared('bench match', () => {
  /** F1 of pairs and of clusters that no change may fall below, one set of defaults for all; the last on threads. */
  it.each([
    [['febrl/dataset1.csv'], 0.999, 0.999],
    [['febrl/dataset2.csv'], 0.999, 0.999],
    [['febrl/dataset4a.csv', 'febrl/dataset4b.csv'], 1, 1],
    [['splink/fake_1000.csv'], 0.93, 0.975],
    [['people_100k.csv.gz'], 0.995, 0.997],
  ])('is accurate without labels: %j', async (files, pairs, clusters) => {
    const line = await bench(files);
    expect(line.f1).toBeGreaterThanOrEqual(pairs);
    expect(line.clusterF1).toBeGreaterThanOrEqual(clusters);
  });

  it('grades labelled pairs: certain ones are right, and those that may be one person are asked about', async () => {
    const line = await bench(['iis']);
    expect(line).toMatchObject({ pairs: 11_364 });
    expect(line.certainPrecision).toBeGreaterThanOrEqual(0.99);
    expect(line.certainRecall).toBeGreaterThanOrEqual(0.9);
    expect(line.possibleInReview).toBeGreaterThan(0.75);
  });

  it('writes the pairs and the clusters', async () => {
    const out = await temporaryFolder('match');
    const { records } = await bench(['splink/fake_1000.csv'], '--out', out);
    const pairs = readFileSync(join(out, 'pairs.csv'), 'utf8').trim().split('\n');
    const clusters = readFileSync(join(out, 'clusters.csv'), 'utf8').trim().split('\n');
    expect(pairs[0]).toBe('id_l,id_r,score');
    expect(Number(pairs[1].split(',')[2])).toBeGreaterThan(0);
    expect(clusters[0]).toBe('id,cluster');
    expect(clusters).toHaveLength(records + 1);
  });
});
