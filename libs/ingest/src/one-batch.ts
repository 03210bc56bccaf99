import { FhirError } from '@chartledger/platform';
import { BATCH_BYTES, changeExpression, storedBytes, type Change } from '@chartledger/sequence';

/** Of one record, which may be sent alone: 16 MiB is the largest message of the topic. */
const RECORD_BYTES = 16 * 1024 * 1024 - 64 * 1024;
/**
 * Over Kafka a batch of records is written whole or not at all, and a larger submission could be cut in two by a crash.
 * @throws FhirError (413) that says what to send instead, and names the entry where a single one is too large.
 */
export function requireOneBatch(changes: readonly Change[]): void {
  const sizes = changes.map(storedBytes);
  const largest = sizes.findIndex((size) => size > RECORD_BYTES);
  if (largest >= 0) {
    throw FhirError.of(
      413,
      'too-long',
      `the resource has ${changes[largest].text.length} bytes, and a record of this ledger at most ${RECORD_BYTES}: send its attachments as references`,
      changeExpression(changes[largest]),
    );
  }
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (changes.length > 1 && total > BATCH_BYTES) {
    throw FhirError.of(
      413,
      'too-costly',
      `the Bundle needs ${total} bytes, and this ledger writes at most ${BATCH_BYTES} whole or not at all: send it as several Bundles`,
    );
  }
}
