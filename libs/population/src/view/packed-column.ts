/** A value of a column as it can be sent to another thread: without classes. */
export type Plain = string | number | boolean | bigint | null | readonly Plain[];

/** How the values of a column are packed: text in one string, numbers that a double holds in an array, others as they are. */
export type Packing = 'texts' | 'numbers' | 'values';

/** Values of a column: few large things instead of many small ones, for the garbage collector and for other threads. */
export type PackedColumn =
  /** One after the other; a length of -1 is null. */
  | { packing: 'texts'; text: string; lengths: Int32Array<ArrayBuffer> }
  /** NaN is null. */
  | { packing: 'numbers'; values: Float64Array<ArrayBuffer> }
  | { packing: 'values'; values: Plain[] };

/** Takes the values of a column one by one. */
export interface ColumnPacker {
  push(value: Plain): void;
  /** Takes back all values after the first `count`. */
  truncate(count: number): void;
  packed(): PackedColumn;
}

export function columnPacker(packing: Packing): ColumnPacker {
  if (packing === 'numbers') return new NumberPacker();
  return new ValuePacker(packing);
}

/** UTF-16 units that are joined at most; V8 has no string beyond 2^29. */
const MAX_JOINED = 2 ** 27;

class ValuePacker implements ColumnPacker {
  private readonly values: Plain[] = [];

  constructor(private readonly packing: 'texts' | 'values') {}

  push(value: Plain): void {
    this.values.push(value);
  }

  truncate(count: number): void {
    this.values.length = count;
  }

  packed(): PackedColumn {
    const { values } = this;
    if (this.packing === 'values') return { packing: 'values', values };
    const texts = values as (string | null)[];
    const lengths = new Int32Array(texts.length);
    let total = 0;
    for (let index = 0; index < texts.length; index += 1) {
      const text = texts[index];
      lengths[index] = text === null ? -1 : text.length;
      total += text === null ? 0 : text.length;
    }
    return total > MAX_JOINED ? { packing: 'values', values } : { packing: 'texts', text: texts.join(''), lengths };
  }
}

const FIRST_NUMBERS = 512;

class NumberPacker implements ColumnPacker {
  private values = new Float64Array(FIRST_NUMBERS);
  private count = 0;

  push(value: Plain): void {
    if (this.count === this.values.length) {
      const before = this.values;
      this.values = new Float64Array(2 * before.length);
      this.values.set(before);
    }
    this.values[this.count++] = value === null ? NaN : (value as number);
  }

  truncate(count: number): void {
    this.count = count;
  }

  packed(): PackedColumn {
    return { packing: 'numbers', values: this.values.slice(0, this.count) };
  }
}

/** Gives the values of a column in order, so many at a call. */
export function columnReader(column: PackedColumn): (count: number) => Plain[] {
  let next = 0;
  if (column.packing === 'values') return (count) => column.values.slice(next, (next += count));
  if (column.packing === 'numbers') {
    const { values } = column;
    return (count) => Array.from({ length: count }, () => numberOrNull(values[next++]));
  }
  const { text, lengths } = column;
  let start = 0;
  return (count) =>
    Array.from({ length: count }, () => {
      const length = lengths[next++];
      return length === -1 ? null : text.slice(start, (start += length));
    });
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** What of a column can be handed to another thread without a copy. */
export function transferables(column: PackedColumn): ArrayBuffer[] {
  if (column.packing === 'texts') return [column.lengths.buffer];
  return column.packing === 'numbers' ? [column.values.buffer] : [];
}
