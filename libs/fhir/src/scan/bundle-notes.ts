import { type FindingList } from './finding.js';
import { type BundleEntry, type BundleRequest, type ScannedResource } from './scanned.js';
import { Unreadable } from './unreadable.js';

/** Entries of a Bundle that one request may have: each costs memory before anything is stored. */
export const MAX_ENTRIES = 100_000;

/** The levels of a Bundle's parts: the Bundle, the array, the entry, and what is in the entry. */
export const BUNDLE_LEVEL = 1;
export const ENTRY_LEVEL = 3;
export const ENTRY_PART_LEVEL = 4;

interface OpenEntry {
  fullUrl?: string;
  resource?: ScannedResource;
  request?: { -readonly [Name in keyof BundleRequest]: string };
}

/** The members of `Bundle.entry.request` (R4 bundle.html) that are told of. */
const REQUEST_MEMBERS: ReadonlySet<string> = new Set<keyof BundleRequest>([
  'method',
  'url',
  'ifMatch',
  'ifNoneMatch',
  'ifNoneExist',
  'ifModifiedSince',
]);

/** Gathers what a ScannedBundle says while the Bundle is being read. */
export class BundleNotes {
  type: string | undefined;
  readonly entries: BundleEntry[] = [];
  #entry: OpenEntry = {};
  #findingsBefore = 0;

  beginEntry(findings: FindingList, at: number): void {
    if (this.entries.length === MAX_ENTRIES) {
      throw new Unreadable(at, `A Bundle has at most ${MAX_ENTRIES} entries: send several Bundles`, 'too-costly');
    }
    this.#entry = {};
    this.#findingsBefore = findings.count;
  }

  endEntry(findings: FindingList): void {
    this.entries.push({ index: this.entries.length, ...this.#entry, findings: findings.since(this.#findingsBefore) });
  }

  endResource(resource: ScannedResource): void {
    this.#entry.resource = resource;
  }

  /** Notes a string of the Bundle (level 1), of an entry (3) or of a part of it named `part` (4). */
  note(name: string, value: string, level: number, part: string | undefined): void {
    if (level === BUNDLE_LEVEL && name === 'type') this.type = value;
    else if (level === ENTRY_LEVEL && name === 'fullUrl') this.#entry.fullUrl = value;
    else if (level === ENTRY_PART_LEVEL && part === 'request' && REQUEST_MEMBERS.has(name)) {
      this.#entry.request ??= { method: '', url: '' };
      this.#entry.request[name as keyof BundleRequest] = value;
    }
  }
}
