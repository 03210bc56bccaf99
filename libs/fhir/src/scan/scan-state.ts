import { MAX_WORDS } from '../structure/type-table.js';
import { type BundleNotes } from './bundle-notes.js';
import { FindingList, type FindingCode } from './finding.js';
import { type NullPlaces } from './null-places.js';
import { type ResourceNotes } from './resource-notes.js';
import { skipValue } from './skip-value.js';

/** Levels of objects and arrays: real records have up to 20, and a stack frame a level must fit. */
export const DEFAULT_MAX_DEPTH = 64;
/** The deepest that the scanner's recursion may go, whatever a caller asks for. */
export const MAX_DEPTH = 500;

/** What one scan keeps while it walks the text. A level is an object or an array that is open; the root is level 1. */
export class Scan {
  readonly maxDepth: number;
  readonly findings = new FindingList();
  /** The name of the member that is being read at each level, undefined at the level of an array; 0 is the root's. */
  readonly names: (string | undefined)[];
  /** Its index where the member is an array, else -1. */
  readonly indexes: Int32Array;
  /** The sets of members of the objects that are open: MAX_WORDS words a level. */
  readonly members: Int32Array;
  /** Of the object at each level, where its arrays have null; undefined at most times. */
  readonly nulls: (NullPlaces | undefined)[];
  /** The closing quote of the member name that was read last. */
  nameEnd = 0;
  /** Of the resource that is being read as the request's or an entry's; undefined outside of one. */
  resource: ResourceNotes | undefined;
  /** Of the Bundle whose entries are wanted. */
  bundle: BundleNotes | undefined;

  constructor(
    readonly text: Buffer,
    root: string,
    maxDepth = DEFAULT_MAX_DEPTH,
  ) {
    this.maxDepth = Math.min(maxDepth, MAX_DEPTH);
    // An array has a level, a value in it is named by one more.
    const levels = this.maxDepth + 2;
    this.names = new Array<string | undefined>(levels).fill(undefined);
    this.names[0] = root;
    this.nulls = new Array<NullPlaces | undefined>(levels).fill(undefined);
    this.indexes = new Int32Array(levels).fill(-1);
    this.members = new Int32Array(levels * MAX_WORDS);
  }

  /** The element that is being read at `level`, by the names that it has in JSON. */
  expression(level: number): string {
    let path = '';
    for (let at = 0; at <= level; at++) {
      const name = this.names[at];
      if (name === undefined) continue;
      const index = this.indexes[at]!;
      path += `${path && '.'}${name}${index < 0 ? '' : `[${index}]`}`;
    }
    return path;
  }

  /** Notes an error at the element that is being read at `level`. */
  report(level: number, code: FindingCode, message: string): void {
    this.findings.add(() => ({ severity: 'error', code, expression: this.expression(level), message }));
  }

  /** Notes an error and gives the end of the value at `start`, of which only its being JSON is looked at. */
  reject(start: number, level: number, code: FindingCode, message: string): number {
    this.report(level, code, message);
    return this.skip(start, level);
  }

  /** The end of the value at `start`, of which only its being JSON is looked at. */
  skip(start: number, level: number): number {
    return skipValue(this.text, start, level, this.maxDepth);
  }
}
