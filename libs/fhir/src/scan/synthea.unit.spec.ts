import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { sharedFolder } from '@chartledger/testing';
import { scanBundle } from './scan-bundle.js';

interface Entry {
  fullUrl: string;
  resource: { resourceType: string; id: string };
  request: object;
}

const shared = sharedFolder();
const folder = shared && join(shared, 'data/synthea-hiv');
const files = folder && existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json.gz')) : [];

/** Every value of a member `reference` of a string, which in Synthea's records is only Reference.reference. */
function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    name === 'reference' && typeof part === 'string' ? [part] : referencesIn(part),
  );
}

(files.length > 0 ? describe : describe.skip)('the Synthea bundles of the shared folder', () => {
  it.each(files)('%s has no finding, and the entries and references that JSON.parse sees', (file) => {
    const text = gunzipSync(readFileSync(join(folder!, file)));
    const { findings, entries } = scanBundle(text);
    expect(findings).toEqual([]);
    const parsed = JSON.parse(text.toString()) as { entry: Entry[] };
    // One comparison a file: expect() on each of 46,497 resources would take longer than all else.
    const told = entries.map(({ fullUrl, request, resource }) => ({
      fullUrl,
      resource: JSON.parse(text.toString('utf8', resource!.start, resource!.end)) as object,
      request,
    }));
    expect(isDeepStrictEqual(told, parsed.entry)).toBe(true);
    const references = entries.flatMap(({ resource }) => resource!.references.map((it) => it.value));
    expect(isDeepStrictEqual(references, referencesIn(parsed.entry))).toBe(true);
    const names = entries.map(({ resource }) => [resource!.type, resource!.id]);
    expect(names).toEqual(parsed.entry.map(({ resource }) => [resource.resourceType, resource.id]));
  });
});
