import { type Change } from './submission.js';

/** More than an envelope and the header of a payload have, without the references that are resolved. */
const ENTRY_BYTES = 2_048;
/** More than a resolved reference has in the header. */
const REFERENCE_BYTES = 256;

/** At least as many bytes as the change's entry will have, envelope and encrypted payload together. */
export function storedBytes({ text, links }: Change): number {
  return text.length + ENTRY_BYTES + links.length * REFERENCE_BYTES;
}

/**
 * What is sent at once over Kafka: a record batch is written whole or not at all. A group of several submissions has no
 * more, on any ledger, so that a failure costs little.
 */
export const BATCH_BYTES = 12 * 1024 * 1024;
