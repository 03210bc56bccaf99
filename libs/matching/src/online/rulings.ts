import { type Pair, type RecordName, type Ruling } from '../persons/person-entries.js';

/** A ruling with the seq of the entry that it was decided by. */
export interface StandingRuling extends Ruling {
  decided: number;
}

/** What stewards have ruled and not taken back, by record. */
export class Rulings {
  private readonly byRecord = new Map<RecordName, StandingRuling[]>();
  private readonly byPair = new Map<string, StandingRuling>();

  constructor(rulings: readonly StandingRuling[] = []) {
    for (const ruling of rulings) {
      this.byPair.set(ruling.pair.join(' '), ruling);
      for (const name of ruling.pair) {
        const known = this.byRecord.get(name);
        if (known) known.push(ruling);
        else this.byRecord.set(name, [ruling]);
      }
    }
  }

  all(): Iterable<StandingRuling> {
    return this.byPair.values();
  }

  of(name: RecordName): readonly StandingRuling[] {
    return this.byRecord.get(name) ?? [];
  }

  on(pair: Pair): StandingRuling | undefined {
    return this.byPair.get(pair.join(' '));
  }

  /** The records on which the two sets rule differently. */
  difference(other: Rulings): Set<RecordName> {
    const names = new Set<RecordName>();
    for (const [one, two] of [
      [this, other],
      [other, this],
    ] as const) {
      for (const [key, { pair, kind }] of one.byPair) {
        if (two.byPair.get(key)?.kind !== kind) for (const name of pair) names.add(name);
      }
    }
    return names;
  }

  /**
   * The rulings among the records that can all hold: the newest first, and one that contradicts newer ones (A is B, B is
   * C, and now A is not C) is left out. In an order that the set alone gives.
   */
  among(names: readonly RecordName[]): Ruling[] {
    const within = new Set(names);
    const found = new Set<StandingRuling>();
    for (const name of names) {
      for (const ruling of this.of(name)) if (ruling.pair.every((one) => within.has(one))) found.add(ruling);
    }
    const newestFirst = [...found].sort((a, b) => b.decided - a.decided || compare(a.pair.join(' '), b.pair.join(' ')));
    const groups = new Groups();
    const apart: Pair[] = [];
    const held = newestFirst.filter(({ kind, pair }) => {
      if (kind === 'cannot') {
        if (groups.find(pair[0]) === groups.find(pair[1])) return false;
        apart.push(pair);
        return true;
      }
      if (!groups.couldJoin(pair, apart)) return false;
      groups.join(pair);
      return true;
    });
    return held.map(({ pair, kind }) => ({ pair, kind })).sort((a, b) => compare(a.pair.join(' '), b.pair.join(' ')));
  }
}

class Groups {
  private readonly parent = new Map<RecordName, RecordName>();

  find(name: RecordName): RecordName {
    let root = name;
    for (let next = this.parent.get(root); next !== undefined; next = this.parent.get(root)) root = next;
    return root;
  }

  join([one, other]: Pair): void {
    const [a, b] = [this.find(one), this.find(other)];
    if (a !== b) this.parent.set(a, b);
  }

  /** Whether no two that are apart would come together. */
  couldJoin([one, other]: Pair, apart: readonly Pair[]): boolean {
    const [a, b] = [this.find(one), this.find(other)];
    return !apart.some(([left, right]) => {
      const [c, d] = [this.find(left), this.find(right)];
      return (c === a && d === b) || (c === b && d === a);
    });
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
