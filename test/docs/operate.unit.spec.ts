import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const METRIC = /chartledger_[a-z_]+/g;
/** What Prometheus makes of a histogram. */
const PARTS = /_(bucket|count|sum)$/;

function sources(folder: string): string[] {
  return readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('.spec.'))
    .map((name) => readFileSync(join(REPOSITORY, folder, name), 'utf8'));
}

describe('docs/operate.md', () => {
  const made = new Set(
    [...sources('libs'), ...sources('apps')].flatMap((text) => text.match(/'chartledger_[a-z_]+'/g) ?? []),
  );
  const page = readFileSync(join(REPOSITORY, 'docs/operate.md'), 'utf8');
  const named = new Set((page.match(METRIC) ?? []).map((name) => name.replace(PARTS, '')));

  it('names only metrics that there are', () => {
    expect([...named].filter((name) => !made.has(`'${name}'`))).toEqual([]);
  });

  it('leaves out none that a stage makes', () => {
    const stages = /^'chartledger_(ingest|sequence|append|project|checkpoint|key|http|database|population)_/;
    // Written as …_connections_max in the page.
    const short = ["'chartledger_database_connections_max'"];
    expect(
      [...made].filter((name) => stages.test(name) && !short.includes(name) && !named.has(name.slice(1, -1))),
    ).toEqual([]);
  });
});
