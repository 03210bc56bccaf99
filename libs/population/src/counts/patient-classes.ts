/**
 * Patients who cannot be told apart by what was asked: they fall into the same cells, of this question and of the earlier
 * ones. All that can be computed from answers is computed from the sizes of classes, so these are what is protected.
 */
export interface PatientClass {
  /** Patients, at least 1. */
  count: number;
  /** The regions they fall into, ascending. */
  regions: readonly number[];
  kind: ClassKind;
}

/**
 * What an onlooker may be wrong about.
 * - `movable`: how many they are; a small one is protected.
 * - `known`: nothing, but for one such class at a time. They fall into several cells where that is rare (two sexes, say),
 *   and an onlooker may know that it is rare. A small one is protected.
 * - `free`: how many they are. They fall into several cells where that is common.
 * - `fixed`: nothing. Beyond the number of classes that can be computed with.
 */
export type ClassKind = 'movable' | 'known' | 'free' | 'fixed';

/** What has a count: a cell or a margin of a question. */
export interface Region {
  /** Asked before: it stays published or hidden as it was. */
  asked: boolean;
  /** What hiding it costs, in comparison with others. */
  cost: number;
  hidden: boolean;
}

/** Regions that hold the same classes, and so have the same count whatever it is. */
export interface RegionGroup {
  regions: number[];
  /** Ascending. */
  classes: readonly number[];
  count: number;
  /** One of its regions was published before. */
  fixed: boolean;
  hidden: boolean;
  /** What hiding the group costs. */
  cost: number;
}

/**
 * The regions that are not empty, by the classes in them; an empty one is published as 0, and is 0 in every world. What was
 * hidden before stays hidden under another name, and counts below the threshold are hidden.
 */
export function groupRegions(
  regions: readonly Region[],
  classes: readonly PatientClass[],
  threshold: number,
): RegionGroup[] {
  const members = regions.map((): number[] => []);
  classes.forEach((one, index) => one.regions.forEach((region) => members[region].push(index)));
  const groups = new Map<string, RegionGroup>();
  members.forEach((list, region) => {
    if (list.length === 0) return;
    const key = list.join();
    let group = groups.get(key);
    if (!group) {
      const count = list.reduce((sum, index) => sum + classes[index].count, 0);
      groups.set(
        key,
        (group = { regions: [], classes: list, count, fixed: false, hidden: count < threshold, cost: 0 }),
      );
    }
    const { asked, cost, hidden } = regions[region];
    group.regions.push(region);
    if (asked && !hidden) group.fixed = true;
    group.hidden ||= hidden;
    group.cost += cost;
  });
  for (const group of groups.values()) if (group.fixed) group.hidden = false;
  return [...groups.values()];
}
