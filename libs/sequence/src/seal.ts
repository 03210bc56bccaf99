import { encodeContext, type Draft } from '@chartledger/ledger';
import { sealPayload, type DataKeys } from '@chartledger/security';
import { type Decision } from './decide.js';

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
  return decisions.map(({ context, headerLine, payloadText, owner }) => ({
    context,
    ...sealPayload(byOwner.get(owner)!, encodeContext(context), [headerLine, payloadText]),
  }));
}
