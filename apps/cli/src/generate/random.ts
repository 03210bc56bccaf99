/**
 * A seeded stream of numbers (sfc32). The same seed and path MUST give the same numbers on every machine, so only
 * 32-bit integer operations and the four exact IEEE operations are used: no Math.random, no Math.log, no clock.
 *
 * `path` names a stream of its own under a seed (household 17, registration 3 of person 40), so that what happens in
 * one part of the town never shifts what happens in another.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, ...path: number[]) {
    let state = 0x9e3779b9;
    for (const part of [seed, ...path]) {
      state = mix(state ^ (part >>> 0));
      state = mix(state ^ Math.floor(part / 0x1_0000_0000));
    }
    this.a = state = mix(state);
    this.b = state = mix(state);
    this.c = mix(state);
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** The next 32 bits. */
  uint32(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A fraction from 0, included, to 1, excluded. */
  fraction(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True in `share` (0 to 1) of the calls. */
  chance(share: number): boolean {
    return this.fraction() < share;
  }

  /** One of `items`, which MUST NOT be empty, each as likely as the other. */
  pick<T>(items: ArrayLike<T>): T {
    return items[this.below(items.length)]!;
  }

  /** A bell-shaped number between `low` and `high`: the mean of three, so that the middle is likelier than the ends. */
  bell(low: number, high: number): number {
    return low + ((this.fraction() + this.fraction() + this.fraction()) / 3) * (high - low);
  }

  /** A version 4 UUID made from this stream: unique for all practical ends, and the same on each run. */
  uuid(): string {
    const hex = Array.from({ length: 4 }, () => this.uint32().toString(16).padStart(8, '0')).join('');
    const variant = '89ab'[parseInt(hex[16]!, 16) & 3];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

/** The finaliser of splitmix32: every bit of the input moves every bit of the output. */
function mix(value: number): number {
  let x = (value + 0x9e3779b9) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
