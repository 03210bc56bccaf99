import { encodeContext, type Draft } from '@chartledger/ledger';
import { encodeHeader } from '@chartledger/projection';
import { sealedBytes, sealPayload, type DataKeys } from '@chartledger/security';
import { type Decision } from './decide.js';

/** A reused buffer is safe: a payload is encrypted from it before the next is written to it. */
let plaintext = Buffer.alloc(64 * 1024);

/**
 * Encrypts the payload of each decision under its owner's data key. After sequencing and not before, because the header
 * says what was resolved and the tag binds record and version, which are decided there.
 */
export async function seal(keys: DataKeys, decisions: readonly Decision[]): Promise<Draft[]> {
  const owners = new Set<string>();
  const fresh = new Set<string>();
  for (const { owner, ownerIsNew } of decisions) {
    owners.add(owner);
    if (ownerIsNew) fresh.add(owner);
  }
  const byOwner = await keys.ensure(owners, fresh);
  const headers = decisions.map(({ header }) => encodeHeader(header));
  // One piece of memory for all payloads of the group: they go to the database, and out of memory, together.
  const space = Buffer.allocUnsafeSlow(
    decisions.reduce((sum, { payloadText }, index) => sum + sealedBytes(headers[index].length + payloadText.length), 0),
  );
  let used = 0;
  return decisions.map(({ context, payloadText, owner }, index) => {
    const header = headers[index];
    const length = header.length + payloadText.length;
    if (plaintext.length < length) plaintext = Buffer.alloc(length * 2);
    plaintext.set(header, 0);
    plaintext.set(payloadText, header.length);
    const payload = space.subarray(used, (used += sealedBytes(length)));
    const digest = sealPayload(byOwner.get(owner)!, encodeContext(context), plaintext.subarray(0, length), payload);
    return { context, payload, digest };
  });
}
