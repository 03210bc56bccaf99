import { int4Array, int8Array, textArray } from '@chartledger/database';

/** A column of a batch of rows, as one binary array. */
export interface Column {
  type: 'bytea' | 'int4' | 'int8' | 'text';
  array: Buffer;
}

export const int4 = (values: readonly number[]): Column => ({ type: 'int4', array: int4Array(values) });
/** A string is the 8 bytes of the value as Latin-1 characters. */
export const int8 = (values: readonly (number | string)[]): Column => ({ type: 'int8', array: int8Array(values) });
export const text = (values: readonly string[]): Column => ({ type: 'text', array: textArray(values) });

/** The highest `int8`: the open end of an interval of positions. */
export const OPEN = '\x7f\xff\xff\xff\xff\xff\xff\xff';

/** The parameters of a statement over batches of rows, numbered as the statement's text is put together. */
export class Columns {
  readonly parameters: Buffer[] = [];

  /** @param first the number of the first parameter. */
  constructor(private readonly first: number) {}

  /** `unnest($6::text[], $7::int4[]) as alias (name, other)`: the rows as a table. */
  table(alias: string, columns: Readonly<Record<string, Column>>): string {
    const casts = Object.values(columns).map(({ type, array }) => {
      this.parameters.push(array);
      return `$${this.first + this.parameters.length - 1}::${type}[]`;
    });
    return `unnest(${casts.join(', ')}) as ${alias} (${Object.keys(columns).join(', ')})`;
  }
}
