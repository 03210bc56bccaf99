import { type PatientClass, type RegionGroup } from './patient-classes.js';

/** How another world differs from the truth: by so many patients in a class. */
export type Change = readonly { one: number; by: number }[];

/** A group of regions, or a class by itself: what an onlooker must not be able to tell. */
export type Quantity = { group: number } | { class: number };

/**
 * The worlds that were found to look the same to an onlooker, and how far they are apart in each quantity. A world that
 * looks the same goes on to do so when more is hidden. Only whole numbers and no solver stand behind it.
 */
export class Spread {
  private readonly worlds: Change[] = [];
  private readonly groupsOf: number[][];
  private readonly low: Float64Array;
  private readonly high: Float64Array;

  constructor(
    private readonly classes: readonly PatientClass[],
    private readonly groups: readonly RegionGroup[],
  ) {
    this.groupsOf = classes.map(() => []);
    groups.forEach((group, index) => group.classes.forEach((one) => this.groupsOf[one].push(index)));
    this.low = new Float64Array(groups.length + classes.length);
    this.high = new Float64Array(groups.length + classes.length);
  }

  /** The least and the most that the quantity differs from the truth, in the worlds found so far. */
  of(quantity: Quantity): { low: number; high: number } {
    const index = 'group' in quantity ? quantity.group : this.groups.length + quantity.class;
    return { low: this.low[index], high: this.high[index] };
  }

  /** How far apart the worlds found so far are in the quantity. */
  width(quantity: Quantity): number {
    const { low, high } = this.of(quantity);
    return high - low;
  }

  /** The groups whose count is another in the world. */
  changed(change: Change): { group: number; by: number }[] {
    const difference = new Map<number, number>();
    for (const { one, by } of change)
      for (const group of this.groupsOf[one]) difference.set(group, (difference.get(group) ?? 0) + by);
    return [...difference].flatMap(([group, by]) => (Math.abs(by) > TINY ? [{ group, by }] : []));
  }

  /**
   * Notes a world, if it looks the same: whole patients, all that is published as it is, and nothing hidden that is empty,
   * since an onlooker knows that empty cells are published.
   * @returns whether it does.
   */
  add(change: Change): boolean {
    const changed = this.changed(change);
    if (!this.looksTheSame(change, changed)) return false;
    this.worlds.push(change);
    this.widen(change, changed);
    return true;
  }

  /** Notes the world, its mirror image and its multiples up to `times`, as far as they look the same. */
  addAll(change: Change, times: number): boolean {
    if (!this.add(change)) return false;
    const multiply = (factor: number): Change => change.map(({ one, by }) => ({ one, by: factor * by }));
    this.add(multiply(-1));
    for (let multiple = 2; multiple <= times; multiple++) if (!this.add(multiply(multiple))) break;
    return true;
  }

  /** Looks at every world again, over what is hidden now, and measures from those alone that still look the same. */
  recount(): void {
    this.low.fill(0);
    this.high.fill(0);
    for (const change of this.worlds) {
      const changed = this.changed(change);
      if (this.looksTheSame(change, changed)) this.widen(change, changed);
    }
  }

  private looksTheSame(change: Change, changed: readonly { group: number; by: number }[]): boolean {
    const isWorld = change.every(({ one, by }) => {
      const { count, kind } = this.classes[one];
      return Number.isInteger(by) && count + by >= 0 && kind !== 'fixed';
    });
    return isWorld && changed.every(({ group, by }) => this.groups[group].hidden && this.groups[group].count + by >= 1);
  }

  /** A world with other numbers of the known says nothing to somebody who knows them, but of the known themselves. */
  private widen(change: Change, changed: readonly { group: number; by: number }[]): void {
    const isKnown = (one: number): boolean => this.classes[one].kind === 'known';
    const isAny = !change.some(({ one }) => isKnown(one));
    for (const { group, by } of changed) if (isAny || this.groups[group].classes.every(isKnown)) this.note(group, by);
    for (const { one, by } of change) if (isAny || isKnown(one)) this.note(this.groups.length + one, by);
  }

  private note(index: number, by: number): void {
    if (by < this.low[index]) this.low[index] = by;
    if (by > this.high[index]) this.high[index] = by;
  }
}

/** Below what a solver's rounding makes of 0. */
const TINY = 1e-7;
