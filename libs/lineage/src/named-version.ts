/** A version of a record and where it begins to hold. */
export interface VersionStart {
  version: number;
  seq: number;
}

/** The entry that refers to the record, and the seqs of the first and last entry of its submission. */
export interface Referrer {
  seq: number;
  first: number;
  last: number;
}

/**
 * Which version of a record an entry names. A number names that version. Without one it is the version of the same
 * submission, whether before or after the entry in its Bundle; else the one that was current at the entry. Undefined when
 * there was no such version yet.
 * @param versions in order. MUST hold the one current at the entry and those of its submission, may leave out others.
 */
export function namedVersion<Version extends VersionStart>(
  versions: readonly Version[],
  referrer: Referrer,
  number?: number,
): Version | undefined {
  const until = versions.filter(({ seq }) => seq <= referrer.last);
  if (number !== undefined) return until.find(({ version }) => version === number);
  const current = until.findLast(({ seq }) => seq <= referrer.seq);
  if (current && current.seq >= referrer.first) return current;
  return until.find(({ seq }) => seq > referrer.seq) ?? current;
}
