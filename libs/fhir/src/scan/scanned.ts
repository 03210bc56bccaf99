import { type Finding } from './finding.js';

/** A value in a text that a transaction may have to rewrite (R4 http.html#trules). */
export interface Located {
  /** The JSON string literal with its quotes, as bytes from the start of the resource: [start, end). */
  readonly start: number;
  readonly end: number;
  /** The string that the literal stands for. */
  readonly value: string;
  /** The name of the resource's member that holds it: `subject`, `contained`. */
  readonly path: string;
}

/** `Reference.reference`, wherever it stands in the resource, also contained and in extensions. */
export type Reference = Located;

/** A uri, url, canonical, oid or uuid that starts with `urn:uuid:` or `urn:oid:`. */
export type Link = Located;

/** What one pass over the text of a resource found. */
export interface ScannedResource {
  /** `resourceType`; empty where it is missing or no resource type of R4. */
  readonly type: string;
  /** The object's bytes in the text that was scanned: [start, end). */
  readonly start: number;
  readonly end: number;
  /** The member `id` when it is a string; its syntax may be a finding. */
  readonly id?: string;
  /** In the order of the text. Empty means that the text is structurally FHIR R4. */
  readonly findings: readonly Finding[];
  readonly references: readonly Reference[];
  readonly links: readonly Link[];
}

/** `Bundle.entry.request` (R4 bundle.html). `method` and `url` are empty where they are missing, which is a finding. */
export interface BundleRequest {
  readonly method: string;
  readonly url: string;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifNoneExist?: string;
  readonly ifModifiedSince?: string;
}

export interface BundleEntry {
  readonly index: number;
  readonly fullUrl?: string;
  readonly resource?: ScannedResource;
  readonly request?: BundleRequest;
  /** All that is at or below this entry, its resource's findings among them. */
  readonly findings: readonly Finding[];
}

/** What one pass over the text of a Bundle found. */
export interface ScannedBundle {
  readonly type: string | undefined;
  /**
   * The findings of the whole text, those of the entries among them, in the order of the text, the first MAX_FINDINGS.
   * Where the last one is fatal, `entries` is empty.
   */
  readonly findings: readonly Finding[];
  readonly entries: readonly BundleEntry[];
}

export interface ScanOptions {
  /** The type that the resource must have. */
  readonly type?: string;
  /** Levels of objects and arrays; default DEFAULT_MAX_DEPTH, at most MAX_DEPTH. */
  readonly maxDepth?: number;
}
