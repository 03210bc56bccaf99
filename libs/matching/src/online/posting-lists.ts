const NONE = -1;
/** Of the table of keys, before it is made twice as large. */
const MAX_LOAD = 0.6;

/**
 * Blocking key → the records that have it, in typed arrays: 12 bytes a slot of the table of keys and 8 bytes a posting, so
 * that 20 million postings are some 400 MB and nothing for the garbage collector to walk.
 */
export class PostingLists {
  private keys = new Float64Array(1 << 16).fill(NaN);
  private heads = new Int32Array(1 << 16).fill(NONE);
  private keyCount = 0;
  private records = new Int32Array(1 << 16);
  private next = new Int32Array(1 << 16);
  private used = 0;
  private freed = NONE;

  /** @param key an integer below 2⁵³. */
  add(key: number, record: number): void {
    if (this.keyCount > this.keys.length * MAX_LOAD) this.growKeys();
    const slot = this.find(key);
    if (Number.isNaN(this.keys[slot])) {
      this.keys[slot] = key;
      this.keyCount++;
    }
    const posting = this.takePosting();
    this.records[posting] = record;
    this.next[posting] = this.heads[slot];
    this.heads[slot] = posting;
  }

  remove(key: number, record: number): void {
    const slot = this.find(key);
    let before = NONE;
    for (let posting = this.heads[slot]; posting !== NONE; posting = this.next[posting]) {
      if (this.records[posting] === record) {
        if (before === NONE) this.heads[slot] = this.next[posting];
        else this.next[before] = this.next[posting];
        this.next[posting] = this.freed;
        this.freed = posting;
        return;
      }
      before = posting;
    }
  }

  /** Calls `visit` with each record of the key. */
  forEach(key: number, visit: (record: number) => void): void {
    for (let posting = this.heads[this.find(key)]; posting !== NONE; posting = this.next[posting]) {
      visit(this.records[posting]);
    }
  }

  /** The slot of the key, or the empty one where it belongs. */
  private find(key: number): number {
    const mask = this.keys.length - 1;
    let slot = spread(key) & mask;
    while (this.keys[slot] !== key && !Number.isNaN(this.keys[slot])) slot = (slot + 1) & mask;
    return slot;
  }

  /** A key whose records are all gone is left out. */
  private growKeys(): void {
    const { keys, heads } = this;
    this.keys = new Float64Array(keys.length * 2).fill(NaN);
    this.heads = new Int32Array(keys.length * 2).fill(NONE);
    this.keyCount = 0;
    for (let old = 0; old < keys.length; old++) {
      if (heads[old] === NONE) continue;
      const slot = this.find(keys[old]);
      this.keys[slot] = keys[old];
      this.heads[slot] = heads[old];
      this.keyCount++;
    }
  }

  private takePosting(): number {
    if (this.freed !== NONE) {
      const posting = this.freed;
      this.freed = this.next[posting];
      return posting;
    }
    if (this.used === this.records.length) {
      const size = Math.ceil(this.records.length * 1.5);
      this.records = grown(this.records, size);
      this.next = grown(this.next, size);
    }
    return this.used++;
  }
}

/** Keys may differ in their high bits only. */
function spread(key: number): number {
  const low = key >>> 0;
  const high = Math.floor(key / 2 ** 32);
  let mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  mixed ^= mixed >>> 15;
  return Math.imul(mixed, 0xc2b2ae35) >>> 1;
}

function grown(array: Int32Array<ArrayBuffer>, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(array);
  return larger;
}
