import { formatPosition } from '@chartledger/ledger';
import { type Views } from '@chartledger/projection';
import { resolveRecordsAsOf } from './as-of.js';

/**
 * Where one answer stands that reads several chains: the position on each is fixed when the chain is first asked for, so
 * that all parts of the answer agree, and is named at the end.
 */
export class Standpoint {
  private readonly fixed = new Map<number, Promise<number>>();

  /** @param asOf as `_asOf` gives it; without it a chain is read as it is when it is first asked for. */
  constructor(
    private readonly views: Views,
    readonly asOf?: string,
  ) {}

  /**
   * The position on a chain; it has everything that was acknowledged before the call, where no moment is asked for.
   * @throws BadRequestError when `asOf` does not name the chain, or lies beyond its head.
   */
  on(chain: number): Promise<number> {
    const known = this.fixed.get(chain);
    if (known) return known;
    const position = this.resolve(chain);
    this.fixed.set(chain, position);
    return position;
  }

  /** The tables of a view, once it has the entries up to the position. */
  async in(view: string, chain: number): Promise<{ schema: string; position: number }> {
    const position = await this.on(chain);
    const found = this.views.view(view, chain);
    await found.reached(position);
    return { schema: found.schema, position };
  }

  /** `0:812,1:46497`: where the answer stands, for its header and for `_asOf` of what is asked next. */
  async positions(): Promise<string> {
    const chains = [...this.fixed.keys()].sort((a, b) => a - b);
    const positions = await Promise.all(chains.map(async (chain) => formatPosition(chain, await this.on(chain))));
    return positions.join(',');
  }

  private async resolve(chain: number): Promise<number> {
    const { applied } = await this.views.upToDate('records', chain);
    return this.asOf === undefined ? applied : resolveRecordsAsOf(this.views.ledger, chain, this.asOf, applied);
  }
}
