/** A place in the ledger: `chain:seq`. A set of them, one a chain, is written `0:812,1:46497`. */
export type Positions = ReadonlyMap<number, number>;

const POSITION = /^(0|[1-9]\d{0,8}):(0|[1-9]\d{0,15})$/;

export function formatPosition(chain: number, seq: number): string {
  return `${chain}:${seq}`;
}

/** One `chain:seq`, or undefined where the text is none. */
export function parsePosition(text: string): { chain: number; seq: number } | undefined {
  const match = POSITION.exec(text);
  return match ? { chain: Number(match[1]), seq: Number(match[2]) } : undefined;
}

/** A set of positions, or undefined where the text is none or names a chain twice. */
export function parsePositions(text: string): Positions | undefined {
  const positions = new Map<number, number>();
  for (const part of text.split(',')) {
    const position = parsePosition(part);
    if (!position || positions.has(position.chain)) return undefined;
    positions.set(position.chain, position.seq);
  }
  return positions;
}
