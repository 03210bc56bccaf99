import { describe, expect, it } from '@jest/globals';
import { MAX_FINDINGS, MORE_FINDINGS } from './finding.js';
import { place, readCases, textOf, type Case } from './cases/read-cases.js';
import { scanBundle } from './scan-bundle.js';
import { scanResource } from './scan-resource.js';
import { type BundleEntry } from './scanned.js';

interface BundleCase extends Case {
  entries: unknown[];
}

/** An entry as the cases write it. */
function summary({ index, fullUrl, resource, request, findings }: BundleEntry): object {
  return JSON.parse(
    JSON.stringify({ index, fullUrl, type: resource?.type, id: resource?.id, request, findings: findings.length }),
  ) as object;
}

describe('scanBundle, cases of bundle.json', () => {
  it.each(readCases<BundleCase[]>('bundle.json'))('$name', (testCase) => {
    const { findings, entries } = scanBundle(textOf(testCase));
    expect(findings.map(place)).toEqual(testCase.findings);
    expect(entries.map(summary)).toEqual(testCase.entries);
  });
});

describe('scanBundle', () => {
  const resource = '{ "id" : "ä", "subject":{"reference":"Patient/1"},\n "resourceType":"Basic", "code":{"text":"c"} }';
  const text = Buffer.from(
    `{"resourceType":"Bundle","type":"batch","entry":[{"resource":\n${resource} ,"request":{"method":"POST","url":"Basic"}}]}`,
  );

  it('cuts a resource out with the places and findings that it has alone', () => {
    const { entries, type } = scanBundle(text);
    const cut = entries[0]!.resource!;
    expect(type).toBe('batch');
    expect(text.toString('utf8', cut.start, cut.end)).toBe(resource);
    const alone = scanResource(text.subarray(cut.start, cut.end));
    expect(cut).toEqual({
      ...alone,
      start: cut.start,
      end: cut.end,
      findings: alone.findings.map((it) => ({
        ...it,
        expression: it.expression.replace('Basic', 'Bundle.entry[0].resource'),
      })),
    });
  });

  it('never calls an entry clean that has findings beyond those that are listed', () => {
    const bad = '{"resource":{"resourceType":"Patient","a":1}}';
    const many = `{"resourceType":"Bundle","type":"batch","entry":[${Array(300).fill(bad).join()}]}`;
    const { findings, entries } = scanBundle(Buffer.from(many));
    expect(findings).toHaveLength(MAX_FINDINGS + 1);
    expect(entries.every((entry) => entry.findings.length === 1 && entry.resource!.findings.length === 1)).toBe(true);
    expect(entries.at(-1)?.findings).toEqual([MORE_FINDINGS]);
  });

  it('refuses more entries than a request may have', () => {
    const many = `{"resourceType":"Bundle","type":"batch","entry":[${Array(100_001).fill('{}').join()}]}`;
    const { findings, entries } = scanBundle(Buffer.from(many));
    expect(findings.at(-1)).toMatchObject({ severity: 'fatal', code: 'too-costly' });
    expect(entries).toEqual([]);
  });
});
