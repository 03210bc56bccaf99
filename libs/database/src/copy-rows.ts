import { type Pool } from 'pg';
import { to as copyTo } from 'pg-copy-streams';

/** The signature, flags and header extension length of COPY BINARY (PostgreSQL manual, "COPY", Binary Format). */
const COPY_HEADER_BYTES = 19;

/**
 * The rows of a query, each as the raw binary values of its columns (null as undefined), by COPY BINARY: `bytea` comes as
 * bytes where every other way of `pg` makes a hexadecimal string of it first. The values share one buffer: keep them and
 * it is kept. `query` MUST hold no text from outside: COPY takes no parameters.
 */
export async function copyRows(pool: Pool, query: string): Promise<(Buffer | undefined)[][]> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of client.query(copyTo(`copy (${query}) to stdout (format binary)`)))
      chunks.push(chunk as Buffer);
    return parseCopy(Buffer.concat(chunks));
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    client.release(failure);
  }
}

function parseCopy(bytes: Buffer): (Buffer | undefined)[][] {
  const rows: (Buffer | undefined)[][] = [];
  let offset = COPY_HEADER_BYTES;
  for (let columns = bytes.readInt16BE(offset); columns !== -1; columns = bytes.readInt16BE(offset)) {
    offset += 2;
    const row: (Buffer | undefined)[] = [];
    for (let column = 0; column < columns; column++) {
      const length = bytes.readInt32BE(offset);
      offset += 4;
      row.push(length === -1 ? undefined : bytes.subarray(offset, offset + length));
      if (length > 0) offset += length;
    }
    rows.push(row);
  }
  return rows;
}

/** An `int8` column of `copyRows`. */
export function int8Of(value: Buffer | undefined): number {
  return value!.readInt32BE(0) * 2 ** 32 + value!.readUInt32BE(4);
}

/** A condition of `copyRows`: the entries of a chain from `from` up to, not including, `to`. @throws TypeError for what is no safe integer. */
export function seqRange(chain: number, from: number, to: number): string {
  return `chain = ${position(chain)} and seq >= ${position(from)} and seq < ${position(to)}`;
}

/** A condition of `copyRows`: these entries of a chain. @throws TypeError for what is no safe integer. */
export function seqsIn(chain: number, seqs: readonly number[]): string {
  return `chain = ${position(chain)} and seq in (${seqs.map(position).join()})`;
}

/** An entry as it is stored, from a row of `copyRows` with the columns seq, envelope and payload. */
export function copiedEntry(
  chain: number,
  [seq, envelope, payload]: readonly (Buffer | undefined)[],
): { chain: number; seq: number; envelope: Buffer; payload: Buffer } {
  return { chain, seq: int8Of(seq), envelope: envelope!, payload: payload! };
}

function position(value: number): number {
  if (!Number.isSafeInteger(value)) throw new TypeError('not a position');
  return value;
}
