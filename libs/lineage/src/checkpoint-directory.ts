/** A signed checkpoint that covers an entry. */
export interface Covering {
  /** How many entries of the chain it covers. */
  size: number;
  /** FHIR instant at which it was signed. */
  time: string;
}

/** The checkpoints that were signed. */
export interface CheckpointDirectory {
  /** The first checkpoint ever signed over the entry at `seq`, that is with a size above it; undefined: none yet. */
  covering(chain: number, seq: number): Promise<Covering | undefined>;
}

/**
 * The checkpoint of each entry; `seqs` ascending. The first checkpoint over an entry is also the first over every later
 * entry that it covers, so entries that came together are one question.
 */
export async function coveringEach(
  checkpoints: CheckpointDirectory,
  chain: number,
  seqs: readonly number[],
): Promise<(Covering | undefined)[]> {
  const found: (Covering | undefined)[] = [];
  let last: Covering | undefined;
  for (const seq of seqs) {
    if (!last || last.size <= seq) {
      last = await checkpoints.covering(chain, seq);
      // What no checkpoint covers, none covers later in the chain.
      if (!last) break;
    }
    found.push(last);
  }
  return seqs.map((_, index) => found[index]);
}
