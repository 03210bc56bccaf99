/** Numbers from 0 to `size`, each in a set of its own until sets are joined. */
export class DisjointSets {
  private readonly parent: number[];

  constructor(size: number) {
    this.parent = Array.from({ length: size }, (_, at) => at);
  }

  /** The member that stands for the set; the same for all of it. */
  find(at: number): number {
    const { parent } = this;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]];
    return at;
  }

  join(one: number, other: number): void {
    this.parent[this.find(one)] = this.find(other);
  }
}
