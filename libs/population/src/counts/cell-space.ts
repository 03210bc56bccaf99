/** Every cell and margin of a question, numbered: a level of each dimension or, one beyond the last, all of them together. */
export class CellSpace {
  /** Cells and margins. */
  readonly regions: number;
  /** Cells alone. */
  readonly cells: number;
  private readonly strides: readonly number[];

  constructor(
    /** Levels of each dimension. */
    readonly sizes: readonly number[],
  ) {
    this.strides = sizes.map((_, d) => sizes.slice(d + 1).reduce((product, size) => product * (size + 1), 1));
    this.regions = sizes.reduce((product, size) => product * (size + 1), 1);
    this.cells = sizes.reduce((product, size) => product * size, 1);
  }

  /** The region of a cell where the dimensions in the mask are summed; bit d is dimension d. */
  region(place: readonly number[], summed = 0): number {
    return place.reduce((index, level, d) => index + this.strides[d] * (summed & (1 << d) ? this.sizes[d] : level), 0);
  }

  /** The levels of a region; undefined for a dimension that is summed. */
  place(region: number): (number | undefined)[] {
    return this.sizes.map((size, d) => {
      const level = Math.floor(region / this.strides[d]) % (size + 1);
      return level === size ? undefined : level;
    });
  }

  /** How many dimensions the region sums. */
  summed(region: number): number {
    return this.place(region).filter((level) => level === undefined).length;
  }

  /** The cell and every margin that it counts in, by the mask of what is summed. */
  regionsOf(place: readonly number[]): number[] {
    return Array.from({ length: 1 << this.sizes.length }, (_, mask) => this.region(place, mask));
  }
}
