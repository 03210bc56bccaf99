import { createHash } from 'node:crypto';
import { canonicalize } from '@chartledger/ledger';
import { type Model } from './model.js';

const VERSION_DIGITS = 16;

/** A model's name is the hash of what it says, in canonical JSON (RFC 8785): however its file is laid out, the same. */
export function versionOf(model: Model): string {
  return createHash('sha256')
    .update(canonicalize({ ...model, version: '' }))
    .digest('hex')
    .slice(0, VERSION_DIGITS);
}

export function withVersion(model: Model): Model {
  return { ...model, version: versionOf(model) };
}
