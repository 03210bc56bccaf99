import { MAX_LETTERS } from './edit-distance.js';

export const PREFIX_SCALE = 0.1;
export const PREFIX_LENGTH = 4;

/**
 * Jaro–Winkler similarity of two texts in `units`, 0 to 1, at most 31 letters of each (Winkler 1990, prefix scale 0.1
 * over 4 letters).
 */
export function jaroWinkler(units: Uint16Array, a: number, lengthA: number, b: number, lengthB: number): number {
  const sizeA = Math.min(lengthA, MAX_LETTERS);
  const sizeB = Math.min(lengthB, MAX_LETTERS);
  const reach = Math.max(0, (Math.max(sizeA, sizeB) >> 1) - 1);
  let foundA = 0;
  let foundB = 0;
  let common = 0;
  for (let i = 0; i < sizeA; i++) {
    const letter = units[a + i];
    const end = Math.min(sizeB - 1, i + reach);
    for (let j = Math.max(0, i - reach); j <= end; j++) {
      if (units[b + j] !== letter || foundB & (1 << j)) continue;
      foundA |= 1 << i;
      foundB |= 1 << j;
      common++;
      break;
    }
  }
  if (common === 0) return 0;
  let outOfOrder = 0;
  let j = 0;
  for (let i = 0; i < sizeA; i++) {
    if (!(foundA & (1 << i))) continue;
    while (!(foundB & (1 << j))) j++;
    if (units[a + i] !== units[b + j]) outOfOrder++;
    j++;
  }
  const jaro = (common / sizeA + common / sizeB + (common - (outOfOrder >> 1)) / common) / 3;
  let prefix = 0;
  const prefixEnd = Math.min(PREFIX_LENGTH, sizeA, sizeB);
  while (prefix < prefixEnd && units[a + prefix] === units[b + prefix]) prefix++;
  return jaro + prefix * PREFIX_SCALE * (1 - jaro);
}
