import { type Envelope } from '@chartledger/ledger';
import { type SpanContext } from '@chartledger/platform';
import { type PoolClient } from 'pg';
import { type RecordFacts } from './facts.js';

/** An entry as projections see it. */
export interface ProjectedEntry {
  seq: number;
  /** Milliseconds since the epoch. */
  time: number;
  envelope: Envelope;
  /** The record's logical id; undefined when the entry's key was destroyed, and nothing but the envelope is known. */
  id: string | undefined;
  facts: RecordFacts;
  /** The payload's text, of an entry of the system's own source: a registered source, a person, a view. */
  text?: Buffer;
  /** What a decision of the system's own stands on. */
  decision?: object;
  /** The span of the group that it was appended with, on the group's first entry, where this process appended and traced it. */
  trace?: SpanContext;
}

/** Which view is written, and from where to where it moves. The write MUST happen only if it still stands at `from`. */
export interface Step {
  /** The schema that holds the tables of this generation. */
  schema: string;
  name: string;
  generation: number;
  chain: number;
  /** The position of the view before. */
  from: number;
  /** The position of the view afterwards. */
  to: number;
}

/**
 * A view of the ledger: tables of its own that say what the entries up to its position say. It MUST be a function of the
 * entries alone, in order per chain, so that it can be thrown away and built again.
 */
export interface Projection {
  /** One word; also the stem of its schema's name. */
  readonly name: string;

  /** Whether it reads the chain. Chain 0 is the system's, the others are the sources'. */
  reads(chain: number): boolean;

  /** The statements that make its tables in an empty schema. */
  createTables(schema: string): string;

  /**
   * Writes the rows of a batch and moves the position, in one transaction. Resolves to false, with nothing written, when
   * the view does not stand at `step.from` any more (another process moved it, or it was swapped for a rebuilt one).
   */
  apply(client: PoolClient, step: Step, entries: readonly ProjectedEntry[]): Promise<boolean>;
}
