/** Longest text that is compared letter by letter: one machine word of bits. */
export const MAX_LETTERS = 31;

const positions = new Int32Array(0x10000);

/**
 * Edit distance of two texts in `units`, at most 31 letters of each: insertions, deletions, substitutions and swaps of
 * neighbours count one each (optimal string alignment). Bit-parallel after Hyyrö, A Bit-Vector Algorithm for Computing
 * Levenshtein and Damerau Edit Distances (2003).
 */
export function editDistance(units: Uint16Array, a: number, lengthA: number, b: number, lengthB: number): number {
  const rows = Math.min(lengthA, MAX_LETTERS);
  const columns = Math.min(lengthB, MAX_LETTERS);
  if (rows === 0) return columns;
  for (let i = 0; i < rows; i++) positions[units[a + i]] |= 1 << i;
  const last = 1 << (rows - 1);
  let up = -1;
  let down = 0;
  let zero = 0;
  let before = 0;
  let distance = rows;
  for (let j = 0; j < columns; j++) {
    const equal = positions[units[b + j]];
    const swap = ((~zero & equal) << 1) & before;
    zero = (((equal & up) + up) ^ up) | equal | down | swap;
    let right = down | ~(zero | up);
    const left = zero & up;
    if (right & last) distance++;
    if (left & last) distance--;
    right = (right << 1) | 1;
    up = (left << 1) | ~(zero | right);
    down = right & zero;
    before = equal;
  }
  for (let i = 0; i < rows; i++) positions[units[a + i]] = 0;
  return distance;
}
