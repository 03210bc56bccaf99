import { formatPosition, parsePositions, readEnvelope, type Ledger, type Positions } from '@chartledger/ledger';
import { BadRequestError } from '@chartledger/platform';
import { resolveAsOf } from '@chartledger/records';

/** The last position of every chain: what an answer must include to include what was acknowledged. */
export async function headPositions(ledger: Ledger, chains: readonly number[]): Promise<Map<number, number>> {
  const heads = await Promise.all(chains.map((chain) => ledger.head(chain)));
  return new Map(chains.map((chain, index) => [chain, heads[index].seq]));
}

/**
 * The position of every chain at a moment: an instant, or positions that name every chain with entries, since views are over
 * all sources. @throws BadRequestError.
 */
export async function positionsAt(ledger: Ledger, heads: Positions, asOf: string): Promise<Map<number, number>> {
  const named = parsePositions(asOf);
  const missing = [...heads].find(([chain, seq]) => seq >= 0 && named && !named.has(chain));
  if (missing) {
    throw new BadRequestError(
      `views are over all sources: name a position of every chain, such as ${asOf},${formatPosition(...missing)}`,
    );
  }
  const positions = new Map<number, number>();
  for (const [chain, head] of heads) {
    positions.set(chain, head < 0 ? -1 : await resolveAsOf(ledger, chain, asOf, head));
  }
  return positions;
}

/** The day (UTC) of the newest entry at some positions, `YYYY-MM-DD`: the same whenever it is asked. */
export async function snapshotDay(ledger: Ledger, positions: Positions): Promise<string> {
  let newest = '';
  for (const [chain, seq] of positions) {
    if (seq < 0) continue;
    const [entry] = await ledger.get(chain, [seq]);
    const { time } = readEnvelope(entry!.envelope);
    if (time > newest) newest = time;
  }
  // Of a ledger without entries nobody has an age.
  return newest === '' ? '1970-01-01' : newest.slice(0, 10);
}
