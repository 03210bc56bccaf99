/** A typed array in shared memory that grows: threads read it without a copy. */
export class GrowingInts {
  ints: Int32Array;
  length = 0;

  constructor(capacity = 1024) {
    this.ints = new Int32Array(new SharedArrayBuffer(capacity * 4));
  }

  /** Room for `count` more; returns where they begin. They are 0. */
  take(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.ints.length) {
      const larger = new Int32Array(new SharedArrayBuffer(Math.max(this.length, this.ints.length * 2) * 4));
      larger.set(this.ints);
      this.ints = larger;
    }
    return at;
  }
}

export class GrowingLetters {
  units: Uint16Array;
  length = 0;

  constructor(capacity = 4096) {
    this.units = new Uint16Array(new SharedArrayBuffer(capacity * 2));
  }

  /** Appends a text's UTF-16 code units; returns where they begin. */
  append(text: string): number {
    const at = this.length;
    this.length += text.length;
    if (this.length > this.units.length) {
      const larger = new Uint16Array(new SharedArrayBuffer(Math.max(this.length, this.units.length * 2) * 2));
      larger.set(this.units);
      this.units = larger;
    }
    for (let i = 0; i < text.length; i++) this.units[at + i] = text.charCodeAt(i);
    return at;
  }
}
