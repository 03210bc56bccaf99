import { typeTable } from '../structure/r4.js';
import { BUNDLE_LEVEL, BundleNotes } from './bundle-notes.js';
import { readText } from './read-text.js';
import { Scan } from './scan-state.js';
import { type ScannedBundle, type ScanOptions } from './scanned.js';
import { readObject, resourceTable } from './walk.js';

/**
 * Reads the text of a Bundle, the body of a batch or transaction, in one pass: checks it as `scanResource` does, and
 * cuts its entries out as byte ranges of the text. Never throws for what the text holds.
 */
export function scanBundle(text: Buffer, options: Omit<ScanOptions, 'type'> = {}): ScannedBundle {
  const scan = new Scan(text, 'Bundle', options.maxDepth);
  const notes = (scan.bundle = new BundleNotes());
  const fatal = readText(scan, (open) => {
    const table = resourceTable(scan, open, BUNDLE_LEVEL);
    if (table && table !== typeTable('Bundle')) {
      scan.report(0, 'invalid', `The resource is a ${table.name}: send a Bundle here.`);
    }
    return table === typeTable('Bundle') ? readObject(scan, table, open, BUNDLE_LEVEL) : scan.skip(open, 0);
  });
  const findings = scan.findings.since(0);
  if (fatal) return { type: notes.type, findings: [...findings, fatal], entries: [] };
  return { type: notes.type, findings, entries: notes.entries };
}
