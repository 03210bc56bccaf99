import { type Highs } from 'highs';
import { Boxes, type Grid } from './boxes.js';
import { nestedDifferences } from './nested.js';
import { OtherWorlds, type Demand } from './other-worlds.js';
import { groupRegions, type PatientClass, type Region, type RegionGroup } from './patient-classes.js';
import { Spread, type Change, type Quantity } from './spread.js';

/** What is to be published, all of it at first. */
export interface Disclosure {
  regions: readonly Region[];
  classes: readonly PatientClass[];
  /** Where the question stands alone and its patients are in one cell each. */
  grid: Grid | undefined;
  /** Patients. Fewer are hidden, and what is hidden has as many values at least that it could have. */
  threshold: number;
}

/** Quantities that one program moves together: more cost fewer programs and hide a little more. */
const BATCH = 16;
/** Two dimensions are a network: its programs are quick, give whole numbers and hide less than boxes. */
const NETWORK_DIMENSIONS = 2;
/** A region with more than this part of the classes is the whole table, near enough, and no line of it. */
const LINES_AT_LEAST = 4;
/** Of a program whose solution was not whole: see `OtherWorlds.find`. */
const SMALL_SHARE = 6;
/** Programs for one question. One takes 1 ms over a table of 500 cells, 100 ms over the largest. */
const MAX_PROGRAMS = 200;

/**
 * Which regions of the question stay hidden: those below the threshold, and as many more as it takes that for each hidden
 * region, of this question or an earlier one, and for each small class there are two worlds of whole patients, the same in
 * all that is published, and apart by the threshold in it. That is looked at again before the answer: what fails, or takes
 * too many programs, hides the whole question, which tells nothing that was not told before.
 * @returns for each region whether it is hidden.
 */
export function protect(highs: Highs, disclosure: Disclosure): boolean[] {
  return new Protection(highs, disclosure).run();
}

class Protection {
  private readonly groups: RegionGroup[];
  private readonly spread: Spread;
  /** How many classes fall into a region. */
  private readonly membersOf: readonly number[];
  private programs = 0;

  constructor(
    private readonly highs: Highs,
    private readonly disclosure: Disclosure,
  ) {
    const { regions, classes, threshold } = disclosure;
    this.groups = groupRegions(regions, classes, threshold);
    this.spread = new Spread(classes, this.groups);
    const membersOf = regions.map(() => 0);
    for (const one of classes) for (const region of one.regions) membersOf[region]++;
    this.membersOf = membersOf;
  }

  run(): boolean[] {
    const { classes, grid, threshold } = this.disclosure;
    const partly = classes.some(({ kind }) => kind === 'free' || kind === 'fixed');
    if (partly) for (const group of nestedDifferences(this.groups, threshold)) this.groups[group].hidden = true;
    if (grid && grid.sizes.length > NETWORK_DIMENSIONS)
      new Boxes(grid, classes, this.groups, threshold).protect(this.spread);
    const isDone = this.open().length === 0 || this.findWorlds();
    this.spread.recount();
    return this.answer(isDone && this.open().length === 0);
  }

  /** Where it is not safe, nothing is told but what was told before under another name. */
  private answer(isSafe: boolean): boolean[] {
    const { regions, threshold } = this.disclosure;
    const hidden = regions.map((region) => (region.asked ? region.hidden : !isSafe));
    for (const { regions: own, fixed, hidden: isHidden, count } of this.groups)
      for (const region of own)
        if (!regions[region].asked) hidden[region] = count < threshold || (!fixed && (isHidden || !isSafe));
    return hidden;
  }

  /** What is not protected yet. */
  private open(): Quantity[] {
    const { classes, threshold } = this.disclosure;
    const quantities: Quantity[] = [];
    this.groups.forEach(({ hidden }, group) => hidden && quantities.push({ group }));
    classes.forEach(({ count, kind }, one) => {
      if (count < threshold && (kind === 'movable' || kind === 'known')) quantities.push({ class: one });
    });
    return quantities.filter((quantity) => this.spread.width(quantity) < threshold);
  }

  /** Until nothing is open. False when that cannot be had. */
  private findWorlds(): boolean {
    const { classes } = this.disclosure;
    const worlds = new OtherWorlds(this.highs, classes, this.groups);
    try {
      for (let open = this.open(); open.length > 0; open = this.open()) {
        const batch = this.apart(open);
        if (
          this.move(
            worlds,
            batch.map((one) => this.up(one)),
          )
        )
          continue;
        for (const one of batch) {
          if (this.spread.width(one) >= this.disclosure.threshold) continue;
          if (!this.move(worlds, [this.up(one)]) && !this.move(worlds, [this.down(one)])) return false;
        }
      }
      return true;
    } finally {
      worlds.dispose();
    }
  }

  private up(quantity: Quantity): Demand {
    return { quantity, by: this.spread.of(quantity).low + this.disclosure.threshold };
  }

  private down(quantity: Quantity): Demand {
    return { quantity, by: this.spread.of(quantity).high - this.disclosure.threshold };
  }

  /** Finds a world and hides what changes in it. */
  private move(worlds: OtherWorlds, demands: readonly Demand[]): boolean {
    for (const share of [1, SMALL_SHARE]) {
      if (++this.programs > MAX_PROGRAMS) return false;
      const found = worlds.find(demands, share);
      if (!found) return false;
      this.hideChanged(worlds, found.change);
      if (found.whole && this.spread.addAll(found.change, this.disclosure.threshold)) return true;
    }
    return false;
  }

  private hideChanged(worlds: OtherWorlds, change: Change): void {
    for (const { group } of this.spread.changed(change)) {
      if (this.groups[group].hidden || this.groups[group].fixed) continue;
      this.groups[group].hidden = true;
      worlds.hide(group);
    }
  }

  /** Some of the quantities that have no line of the table in common, so that they do not need the same patients. */
  private apart(open: readonly Quantity[]): Quantity[] {
    const used = new Set<number>();
    const batch: Quantity[] = [];
    for (const quantity of open) {
      if (batch.length === BATCH) break;
      const lines = this.linesOf(quantity);
      if (lines.some((line) => used.has(line))) continue;
      batch.push(quantity);
      lines.forEach((line) => used.add(line));
    }
    return batch;
  }

  private linesOf(quantity: Quantity): number[] {
    const { classes } = this.disclosure;
    const members = 'class' in quantity ? [quantity.class] : this.groups[quantity.group].classes;
    const regions = new Set(members.flatMap((one) => classes[one].regions));
    return [...regions].filter((region) => this.membersOf[region] * LINES_AT_LEAST < classes.length);
  }
}
