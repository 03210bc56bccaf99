import { mix } from './content-hash.js';

export type CodeKind = 'phone' | 'email' | 'identifier' | 'birthDate';

const SEEDS: Readonly<Record<CodeKind, number>> = { phone: 1, email: 2, identifier: 3, birthDate: 4 };

/** How a model names a phone, an e-mail, an identifier or a birth date without saying it. */
export function codeKey(kind: CodeKind, hash: number, system = 0): number {
  return (mix(mix(SEEDS[kind], hash), system) >>> 0) * 2 ** 20 + (mix(hash, SEEDS[kind]) & 0xfffff);
}
