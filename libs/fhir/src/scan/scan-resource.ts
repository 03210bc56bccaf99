import { readText } from './read-text.js';
import { ResourceNotes } from './resource-notes.js';
import { Scan } from './scan-state.js';
import { type ScannedResource, type ScanOptions } from './scanned.js';
import { readObject, resourceTable } from './walk.js';

/**
 * Reads the text of one resource, the body of a request, in one pass: checks that it is JSON that FHIR can carry and
 * structurally FHIR R4, and finds what may have to be rewritten. Whitespace may surround the resource.
 * Never throws for what the text holds.
 */
export function scanResource(text: Buffer, options: ScanOptions = {}): ScannedResource {
  const scan = new Scan(text, options.type ?? 'Resource', options.maxDepth);
  let start = 0;
  let end = 0;
  const fatal = readText(scan, (open) => {
    start = open;
    const table = resourceTable(scan, open, ROOT_LEVEL);
    if (!table) return (end = scan.skip(open, 0));
    scan.resource = new ResourceNotes(table.name, open, ROOT_LEVEL);
    scan.names[0] = table.name;
    if (options.type !== undefined && options.type !== table.name) {
      scan.report(
        0,
        'invalid',
        `The resource is a ${table.name}, the request is for a ${options.type}: make them agree.`,
      );
    }
    return (end = readObject(scan, table, open, ROOT_LEVEL));
  });
  const notes = scan.resource ?? new ResourceNotes('', start, ROOT_LEVEL);
  const findings = scan.findings.since(0);
  return notes.finish(end, fatal ? [...findings, fatal] : findings);
}

/** The level of the text's only value. */
const ROOT_LEVEL = 1;
