import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type MatchedTables } from '@chartledger/matching';

/** `pairs.csv`: the pairs that were linked, best first, with their log-odds in bits. */
export function writePairs(dir: string, { people, pairs, cut }: MatchedTables): void {
  const linked = Array.from(pairs.score.keys()).filter((at) => pairs.score[at] >= cut.link);
  linked.sort((x, y) => pairs.score[y] - pairs.score[x] || pairs.a[x] - pairs.a[y] || pairs.b[x] - pairs.b[y]);
  writeLines(join(dir, 'pairs.csv'), 'id_l,id_r,score', linked.length, (at) => {
    const pair = linked[at];
    return `${cell(people.ids[pairs.a[pair]])},${cell(people.ids[pairs.b[pair]])},${pairs.score[pair] / 1000}`;
  });
}

/** `clusters.csv`: each record, and the id of its cluster's first record. */
export function writeClusters(dir: string, { people, cluster }: MatchedTables): void {
  writeLines(
    join(dir, 'clusters.csv'),
    'id,cluster',
    people.ids.length,
    (at) => `${cell(people.ids[at])},${cell(people.ids[cluster[at]])}`,
  );
}

const LINES_AT_A_TIME = 10_000;

function writeLines(file: string, header: string, count: number, line: (at: number) => string): void {
  const fd = openSync(file, 'w');
  try {
    writeSync(fd, `${header}\n`);
    for (let from = 0; from < count; from += LINES_AT_A_TIME) {
      const size = Math.min(LINES_AT_A_TIME, count - from);
      writeSync(fd, Array.from({ length: size }, (_, i) => `${line(from + i)}\n`).join(''));
    }
  } finally {
    closeSync(fd);
  }
}

function cell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
