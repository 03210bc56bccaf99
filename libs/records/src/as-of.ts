import { parsePositions, SYSTEM_CHAIN, type Ledger } from '@chartledger/ledger';
import { BadRequestError } from '@chartledger/platform';

/** FHIR instant (http://hl7.org/fhir/R4/datatypes.html#instant). */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/**
 * The position on `chain` that `_asOf` names: a set of positions, or an instant (the last entry not after it; -1 when
 * there is none). `head` is the last position that can be answered.
 * @param now milliseconds since the epoch.
 * @throws BadRequestError when it is neither, does not name the chain, or lies beyond the head or in the future.
 */
export async function resolveAsOf(
  ledger: Ledger,
  chain: number,
  asOf: string,
  head: number,
  now: number = Date.now(),
): Promise<number> {
  const timeMs = instantMs(asOf);
  if (timeMs !== undefined) {
    if (timeMs > now)
      throw new BadRequestError('the instant asked for lies in the future: ask again when it has passed');
    return lastEntryUntil(ledger, chain, timeMs, head);
  }
  const positions = parsePositions(asOf);
  if (!positions)
    throw new BadRequestError(
      'the moment asked for must be positions such as 1:812 (chain:seq, separated by commas) or an instant with a time zone',
    );
  const seq = positions.get(chain);
  if (seq === undefined)
    throw new BadRequestError(
      `the positions asked for name none on chain ${chain}, on which this source's records stand`,
    );
  if (seq > head)
    throw new BadRequestError(`the position asked for is ${chain}:${seq}, beyond the last entry ${chain}:${head}`);
  return seq;
}

/**
 * As `resolveAsOf`, for what is read of records. What the system decides takes effect together, at the last entry of its
 * submission: a position before that is as of the entry before the submission, so that no person is seen half decided.
 */
export async function resolveRecordsAsOf(ledger: Ledger, chain: number, asOf: string, head: number): Promise<number> {
  const seq = await resolveAsOf(ledger, chain, asOf, head);
  if (chain !== SYSTEM_CHAIN || seq < 0) return seq;
  const [entry] = await ledger.get(chain, [seq]);
  const { part, parts } = JSON.parse(entry!.envelope.toString('utf8')) as { part: number; parts: number };
  return part === parts - 1 ? seq : seq - part - 1;
}

/** Milliseconds since the epoch, or undefined for what is no instant; 30 February is none. */
function instantMs(text: string): number | undefined {
  const timeMs = INSTANT.test(text) ? Date.parse(text) : NaN;
  const day = text.slice(0, 10);
  const exists = !Number.isNaN(timeMs) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  return exists ? timeMs : undefined;
}

/** Time never goes back within a chain, so the last entry until a moment is found by halving. */
async function lastEntryUntil(ledger: Ledger, chain: number, timeMs: number, head: number): Promise<number> {
  let low = -1;
  let high = head;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const [entry] = await ledger.get(chain, [middle]);
    const { time } = JSON.parse(entry!.envelope.toString('utf8')) as { time: string };
    if (Date.parse(time) <= timeMs) low = middle;
    else high = middle - 1;
  }
  return low;
}
