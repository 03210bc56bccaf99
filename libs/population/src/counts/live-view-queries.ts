import { type Ledger, type Positions } from '@chartledger/ledger';
import { ChartledgerError, UnavailableError } from '@chartledger/platform';
import { headPositions, positionsAt } from '../query/moments.js';
import { listed, type Population } from '../query/population.js';
import { type CountRow, type CountStatement } from './counts.sql.js';
import { type ViewColumn, type ViewQueries } from './view-queries.js';

/** Beside a view's own columns: which source a row is of. */
const SOURCE: ViewColumn = { name: '_source', type: 'VARCHAR' };

/** The live views, as far as counting needs them: everything that was acknowledged is in what they answer. */
export class LiveViewQueries implements ViewQueries {
  constructor(
    private readonly population: Population,
    private readonly ledger: Ledger,
    private readonly chains: readonly number[],
  ) {}

  async view(name: string): Promise<{ version: number; columns: readonly ViewColumn[] } | undefined> {
    const kept = await this.population.view(name, listed(await this.heads()));
    return kept ? { version: kept.version, columns: [...kept.columns, SOURCE] } : this.unready(name);
  }

  /** @throws UnavailableError, ChartledgerError (422) for a view that is registered and has no rows to count. */
  private async unready(name: string): Promise<undefined> {
    const { views } = await this.population.status();
    const found = views.find((view) => view.id === name || view.name === name);
    if (found?.state === 'filling')
      throw new UnavailableError(`the view is being filled, ${found.done} of ${found.total} entries: ask again`);
    if (found?.state === 'broken')
      throw new ChartledgerError('unprocessable', 422, `the view is broken: ${found.problem}`);
    return undefined;
  }

  async positions(asOf: string | undefined): Promise<Positions> {
    const heads = await this.heads();
    return asOf === undefined ? heads : positionsAt(this.ledger, heads, asOf);
  }

  async query({ relations, sql, parameters }: CountStatement): Promise<readonly CountRow[]> {
    const { rows } = await this.population.query({
      relations: relations.map(({ name, view, positions }) => ({ name, view, asOf: listed(positions) })),
      sql,
      parameters,
      until: listed(await this.heads()),
    });
    return rows as unknown as CountRow[];
  }

  private heads(): Promise<Map<number, number>> {
    return headPositions(this.ledger, this.chains);
  }
}
