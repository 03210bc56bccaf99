import { type RegionGroup } from './patient-classes.js';

/**
 * Two published groups, one inside the other, that differ by fewer patients than the threshold: the one to hide of each
 * such pair. What is larger by a few patients tells their number by subtraction.
 */
export function nestedDifferences(groups: readonly RegionGroup[], threshold: number): number[] {
  const published = groups.map((_, index) => index).filter((index) => !groups[index].hidden);
  published.sort((a, b) => groups[a].count - groups[b].count);
  const hide = new Set<number>();
  published.forEach((inner, at) => {
    for (let next = at + 1; next < published.length && !hide.has(inner); next++) {
      const outer = published[next];
      const difference = groups[outer].count - groups[inner].count;
      if (difference >= threshold) break;
      if (difference === 0 || hide.has(outer) || !isWithin(groups[inner].classes, groups[outer].classes)) continue;
      const cheaper =
        groups[outer].fixed || (!groups[inner].fixed && groups[inner].cost <= groups[outer].cost) ? inner : outer;
      if (!groups[cheaper].fixed) hide.add(cheaper);
    }
  });
  return [...hide];
}

/** Both ascending. */
function isWithin(inner: readonly number[], outer: readonly number[]): boolean {
  let at = 0;
  for (const one of inner) {
    while (at < outer.length && outer[at] < one) at++;
    if (outer[at] !== one) return false;
  }
  return true;
}
