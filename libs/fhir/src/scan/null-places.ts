import { KIND, type Member } from '../structure/type-table.js';

/**
 * Where the arrays of one object have null: in an array of primitives null holds the place of a value that has only an
 * id or extensions, which stand at the same place of the `_` sibling (R4 json.html#primitive).
 */
export class NullPlaces {
  readonly #nulls = new Map<string, number[]>();
  readonly #extended = new Map<string, Set<number>>();

  addNull(member: Member, index: number): void {
    if (member.kind !== KIND.PRIMITIVE) return;
    const places = this.#nulls.get(member.name) ?? [];
    places.push(index);
    this.#nulls.set(member.name, places);
  }

  /** Notes that the sibling array `_name` has an object at `index`. */
  addExtended(member: Member, index: number): void {
    const places = this.#extended.get(member.name) ?? new Set();
    this.#extended.set(member.name, places.add(index));
  }

  /** The places that say nothing: null, and nothing beside it. */
  *empty(): Generator<[name: string, index: number]> {
    for (const [name, places] of this.#nulls) {
      const extended = this.#extended.get(`_${name}`);
      for (const index of places) if (!extended?.has(index)) yield [name, index];
    }
  }
}
