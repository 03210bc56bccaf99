import { type Highs, type Model } from 'highs';
import { type PatientClass, type RegionGroup } from './patient-classes.js';
import { type Change, type Quantity } from './spread.js';

/** A quantity, and by how much it is to differ from the truth. */
export interface Demand {
  quantity: Quantity;
  by: number;
}

/** Nearer to a whole number than this is one: HiGHS is exact to 1e-7. */
const WHOLE = 1e-6;
/** Corners of programs over tables of three dimensions and more are halves or thirds; a multiple of such a change is whole. */
const MULTIPLES = [1, 2, 3, 4, 5, 6];

/**
 * Finds worlds in which all that is published is the same and a quantity is not, where hiding what changes besides costs
 * least: the linear program of Kelly, Golden and Assad ("Cell suppression: disclosure protection for sensitive tabular
 * data", Networks 22, 1992). Columns are the changes of classes and of groups, each up and down; a row says that a group
 * changes as its classes do. No group becomes empty, so that "hidden, hence not 0"
 * tells nothing.
 */
export class OtherWorlds {
  private readonly model: Model;
  /** The groups of several classes, in the order of the rows. One of a single class needs no row: it is the class. */
  private readonly rows: readonly number[];
  private readonly rowOf: ReadonlyMap<number, number>;
  /** By how much a column may grow, and shrink. */
  private readonly up: Float64Array;
  private readonly down: Float64Array;
  /** By how much a class may shrink. */
  private readonly roomOf: Float64Array;
  private share = 1;

  constructor(
    private readonly highs: Highs,
    private readonly classes: readonly PatientClass[],
    private readonly groups: readonly RegionGroup[],
  ) {
    this.rows = groups.flatMap((group, index) => (group.classes.length > 1 ? [index] : []));
    this.rowOf = new Map(this.rows.map((group, row) => [group, row]));
    const columns = classes.length + this.rows.length;
    this.up = new Float64Array(columns).fill(highs.infinity);
    this.down = new Float64Array(columns).fill(highs.infinity);
    const cost = new Float64Array(columns);
    classes.forEach((one, index) => (this.down[index] = one.count));
    groups.forEach((group, index) => {
      const column = this.columnOf({ group: index });
      this.down[column] = Math.min(this.down[column], group.count - 1);
      if (!group.hidden) cost[column] = group.cost;
    });
    this.roomOf = this.down.slice(0, classes.length);
    groups.forEach((group, index) => {
      if (group.fixed) this.hold(this.columnOf({ group: index }));
    });
    classes.forEach((one, index) => {
      if (one.kind === 'known' || one.kind === 'fixed') this.hold(index);
    });
    this.model = highs.createModel();
    this.model.options.set({ output_flag: false, presolve: 'off' });
    this.model.passModel(this.program(cost));
  }

  /** MUST be called: the model stands in memory that is not collected. */
  dispose(): void {
    this.model.dispose();
  }

  /** From now on the group may change for nothing. */
  hide(group: number): void {
    const column = this.columnOf({ group });
    this.model.changeColCost(column, 0);
    this.model.changeColCost(this.up.length + column, 0);
  }

  /**
   * The cheapest change in which each quantity differs by at least what is demanded, up or down. Undefined: there is none.
   * @param share nothing loses more than this part of its patients, so that multiples of the change are worlds as well.
   * @returns whole numbers if `whole`; else what would have to be hidden is known, and no world.
   */
  find(demands: readonly Demand[], share = 1): { change: Change; whole: boolean } | undefined {
    this.setShare(share);
    const columns = this.up.length;
    const pinned: { column: number; lower: number; upper: number }[] = [];
    for (const { quantity, by } of demands) {
      const column = this.columnOf(quantity);
      const opened = this.knownIn(quantity);
      for (const one of opened) pinned.push({ column: one, lower: 0, upper: this.highs.infinity });
      const [grows, shrinks] = by > 0 ? [column, columns + column] : [columns + column, column];
      const most = opened.length > 0 && by > 0 ? this.highs.infinity : this.limit(grows);
      if (Math.abs(by) > most) return undefined;
      pinned.push({ column: grows, lower: Math.abs(by), upper: most }, { column: shrinks, lower: 0, upper: 0 });
    }
    return this.solve(pinned);
  }

  private solve(
    pinned: readonly { column: number; lower: number; upper: number }[],
  ): { change: Change; whole: boolean } | undefined {
    try {
      for (const { column, lower, upper } of pinned) this.model.changeColBounds(column, lower, upper);
      this.model.run();
      if (this.model.getModelStatus() !== this.highs.constants.modelStatus.optimal) return undefined;
      return this.wholeChange(this.model.getSolution().colValue);
    } finally {
      for (const { column } of pinned) this.model.changeColBounds(column, 0, this.limit(column));
    }
  }

  /** The column, counted among those that go up, that says how the quantity changes. */
  private columnOf(quantity: Quantity): number {
    if ('class' in quantity) return quantity.class;
    const { classes } = this.groups[quantity.group];
    return classes.length === 1 ? classes[0] : this.classes.length + this.rowOf.get(quantity.group)!;
  }

  /** Where a quantity is nothing but known classes, it is protected against somebody who knows all the others. */
  private knownIn(quantity: Quantity): readonly number[] {
    const members = 'class' in quantity ? [quantity.class] : this.groups[quantity.group].classes;
    return members.every((one) => this.classes[one].kind === 'known') ? members : [];
  }

  private hold(column: number): void {
    this.up[column] = 0;
    this.down[column] = 0;
  }

  private limit(column: number): number {
    if (column < this.up.length) return this.up[column];
    return Math.floor(this.down[column - this.up.length] / this.share);
  }

  private setShare(share: number): void {
    if (share === this.share) return;
    this.share = share;
    this.down.forEach((down, own) => {
      const column = this.up.length + own;
      if (down > 0) this.model.changeColBounds(column, 0, this.limit(column));
    });
  }

  private wholeChange(values: Float64Array): { change: Change; whole: boolean } {
    const change: { one: number; by: number }[] = [];
    for (let one = 0; one < this.classes.length; one++) {
      const by = values[one] - values[this.up.length + one];
      if (Math.abs(by) > WHOLE) change.push({ one, by });
    }
    for (const multiple of MULTIPLES) {
      const whole = change.map(({ one, by }) => ({ one, by: Math.round(by * multiple) }));
      const fits = whole.every(
        ({ one, by }, index) => Math.abs(by - change[index].by * multiple) < WHOLE && -by <= this.roomOf[one],
      );
      if (fits) return { change: whole, whole: true };
    }
    return { change, whole: false };
  }

  private program(cost: Float64Array): Parameters<Model['passModel']>[0] {
    const columns = this.up.length;
    const starts = [0];
    const indices: number[] = [];
    const values: number[] = [];
    this.rows.forEach((group, row) => {
      for (const one of this.groups[group].classes) {
        indices.push(one, columns + one);
        values.push(1, -1);
      }
      const own = this.classes.length + row;
      indices.push(own, columns + own);
      values.push(-1, 1);
      starts.push(indices.length);
    });
    const zeros = new Float64Array(this.rows.length);
    return {
      numCols: 2 * columns,
      numRows: this.rows.length,
      colCost: twice(cost, cost),
      colLower: new Float64Array(2 * columns),
      colUpper: twice(this.up, this.down),
      rowLower: zeros,
      rowUpper: zeros,
      matrix: { format: 'csr', numRows: this.rows.length, numCols: 2 * columns, starts, indices, values },
    };
  }
}

function twice(first: Float64Array, second: Float64Array): Float64Array {
  const both = new Float64Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
