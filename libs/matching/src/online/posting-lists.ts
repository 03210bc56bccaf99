/** Keys have at most 53 bits: 32 are kept with a posting, and 21 are in the number of the slot it hangs on. */
const SLOT_BITS = 21;
/** Of an array; there are as many arrays as it takes, so that growing copies nothing and halts nobody. */
const SEGMENT_BITS = 20;
const SEGMENT = 1 << SEGMENT_BITS;
const IN_SEGMENT = SEGMENT - 1;
/** A posting: its record, the next posting of the slot (0: none), and the low half of its key. */
const POSTING_INTS = 3;
const NEXT = 1;
const LOW = 2;
/** Postings that hang on a slot on average, before there is one more slot. */
const MAX_LOAD = 2;

/**
 * Blocking key → the records that have it: 12 bytes a posting and 2 to 4 for its slot, nothing for the garbage collector to
 * walk. Slots are added one at a time (linear hashing: Litwin, VLDB 1980), so that no addition costs more than another. Slot
 * and low half give the whole key, so two keys are never taken for one.
 */
export class PostingLists {
  /** By slot: the first posting. */
  private readonly heads: Int32Array[] = [];
  private readonly postings: Int32Array[] = [];
  private slots = 1 << SLOT_BITS;
  /** A power of two: slots below it were all there when the one before was split. */
  private round = 1 << SLOT_BITS;
  /** Posting 0 is none. */
  private used = 1;
  private count = 0;
  private freed = 0;

  constructor() {
    while (this.heads.length * SEGMENT < this.slots) this.heads.push(new Int32Array(SEGMENT));
  }

  /** @param key an integer below 2⁵³. */
  add(key: number, record: number): void {
    if (this.count >= this.slots * MAX_LOAD) this.addSlot();
    const posting = this.takePosting();
    const slot = this.slotOf(key);
    const heads = this.heads[slot >>> SEGMENT_BITS];
    const segment = this.postings[posting >>> SEGMENT_BITS];
    const at = (posting & IN_SEGMENT) * POSTING_INTS;
    segment[at] = record;
    segment[at + NEXT] = heads[slot & IN_SEGMENT];
    segment[at + LOW] = key;
    heads[slot & IN_SEGMENT] = posting;
    this.count++;
  }

  remove(key: number, record: number): void {
    const slot = this.slotOf(key);
    const low = key | 0;
    let before = 0;
    for (let posting = this.head(slot); posting !== 0;) {
      const segment = this.postings[posting >>> SEGMENT_BITS];
      const at = (posting & IN_SEGMENT) * POSTING_INTS;
      const next = segment[at + NEXT];
      if (segment[at] === record && segment[at + LOW] === low) {
        if (before === 0) this.heads[slot >>> SEGMENT_BITS][slot & IN_SEGMENT] = next;
        else this.link(before, next);
        segment[at + NEXT] = this.freed;
        this.freed = posting;
        this.count--;
        return;
      }
      before = posting;
      posting = next;
    }
  }

  /** Calls `visit` with each record of the key. */
  forEach(key: number, visit: (record: number) => void): void {
    const low = key | 0;
    for (let posting = this.head(this.slotOf(key)); posting !== 0;) {
      const segment = this.postings[posting >>> SEGMENT_BITS];
      const at = (posting & IN_SEGMENT) * POSTING_INTS;
      if (segment[at + LOW] === low) visit(segment[at]);
      posting = segment[at + NEXT];
    }
  }

  private slotOf(key: number): number {
    const hash = spread(key) ^ Math.floor(key / 2 ** 32);
    const slot = hash & (this.round * 2 - 1);
    return slot < this.slots ? slot : slot & (this.round - 1);
  }

  private head(slot: number): number {
    return this.heads[slot >>> SEGMENT_BITS][slot & IN_SEGMENT];
  }

  private link(posting: number, next: number): void {
    this.postings[posting >>> SEGMENT_BITS][(posting & IN_SEGMENT) * POSTING_INTS + NEXT] = next;
  }

  /** One more slot, which takes its share of the postings of the one that it is split from. */
  private addSlot(): void {
    const from = this.slots - this.round;
    if (this.heads.length * SEGMENT <= this.slots) this.heads.push(new Int32Array(SEGMENT));
    let kept = 0;
    let moved = 0;
    for (let posting = this.head(from); posting !== 0;) {
      const segment = this.postings[posting >>> SEGMENT_BITS];
      const at = (posting & IN_SEGMENT) * POSTING_INTS;
      const next = segment[at + NEXT];
      // The bit that decides is above those that the high half of the key is in.
      const isMoved = (spread(segment[at + LOW]) & this.round) !== 0;
      segment[at + NEXT] = isMoved ? moved : kept;
      if (isMoved) moved = posting;
      else kept = posting;
      posting = next;
    }
    this.heads[from >>> SEGMENT_BITS][from & IN_SEGMENT] = kept;
    this.heads[this.slots >>> SEGMENT_BITS][this.slots & IN_SEGMENT] = moved;
    if (++this.slots === this.round * 2) this.round *= 2;
  }

  private takePosting(): number {
    if (this.freed !== 0) {
      const posting = this.freed;
      this.freed = this.postings[posting >>> SEGMENT_BITS][(posting & IN_SEGMENT) * POSTING_INTS + NEXT];
      return posting;
    }
    if (this.used >= this.postings.length * SEGMENT) this.postings.push(new Int32Array(SEGMENT * POSTING_INTS));
    return this.used++;
  }
}

/** Of the low half alone: from it and from the slot the high half can be had. */
function spread(key: number): number {
  let mixed = Math.imul(key ^ (key >>> 16), 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) & 0x7fffffff;
}
