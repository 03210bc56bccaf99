import { resolveAsOf } from '@chartledger/records';
import { parsePositions } from '@chartledger/ledger';
import { type Views } from '@chartledger/projection';
import { LINEAGE } from './lineage.projection.js';

/** Where an answer stands on one chain, and the tables to read at that position. */
export interface Standing {
  chain: number;
  /** -1: before the first entry. */
  position: number;
  /** Schema of the records view. */
  records: string;
  /** Schema of the lineage view. */
  lineage: string;
}

/** Where one answer stands on each chain that it reads: both views have all that was acknowledged before it was asked. */
export class Standings {
  private readonly asked = new Map<number, Promise<Standing>>();

  constructor(
    private readonly views: Views,
    private readonly asOf: string | undefined,
  ) {}

  /** @throws BadRequestError when `asOf` does not name the chain, or a position beyond its head. */
  on(chain: number): Promise<Standing> {
    const known = this.asked.get(chain);
    if (known) return known;
    const standing = this.stand(chain);
    this.asked.set(chain, standing);
    return standing;
  }

  /** The chains that the answer may read: those that `asOf` names, if it names any. */
  get chains(): number[] {
    const named = this.asOf === undefined ? undefined : parsePositions(this.asOf);
    const kept = this.views.all().filter((view) => view.name === LINEAGE);
    return kept
      .map((view) => view.chain)
      .filter((chain) => !named || named.has(chain))
      .sort((a, b) => a - b);
  }

  /** The positions that were read at, by chain. */
  async positions(): Promise<Map<number, number>> {
    const standings = await Promise.all(this.asked.values());
    standings.sort((a, b) => a.chain - b.chain);
    return new Map(standings.map(({ chain, position }) => [chain, position]));
  }

  private async stand(chain: number): Promise<Standing> {
    const { schema: records, applied } = await this.views.upToDate('records', chain);
    const position =
      this.asOf === undefined ? applied : await resolveAsOf(this.views.ledger, chain, this.asOf, applied);
    const view = this.views.view(LINEAGE, chain);
    await view.reached(position);
    return { chain, position, records, lineage: view.schema };
  }
}
