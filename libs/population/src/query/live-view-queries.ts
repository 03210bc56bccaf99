import { type Ledger, type Positions } from '@chartledger/ledger';
import { headPositions, positionsAt } from './moments.js';
import { listed, type Population } from './population.js';

/** The live views for parts that write SQL of their own over them, such as counting. Not for SQL of strangers. */
export class LiveViewQueries {
  constructor(
    private readonly population: Population,
    private readonly ledger: Ledger,
    private readonly chains: readonly number[],
  ) {}

  /** The columns of a view's own, and the version of its ViewDefinition; undefined where there is no such view. */
  async view(
    name: string,
  ): Promise<{ version: number; columns: readonly { name: string; type: string }[] } | undefined> {
    return this.population.view(name, listed(await this.heads()));
  }

  /** The positions that a moment stands for; what is answered now when none is named. @throws BadRequestError. */
  async positions(asOf: string | undefined): Promise<Positions> {
    const heads = await this.heads();
    return asOf === undefined ? heads : positionsAt(this.ledger, heads, asOf);
  }

  /**
   * Runs a statement over relations, each the rows of a view that held at its positions, with `patient_key` and
   * `person_key` beside the view's own columns. One snapshot for all of them.
   */
  async query<Row>(statement: {
    relations: readonly { name: string; view: string; positions: Positions }[];
    sql: string;
    parameters: readonly string[];
  }): Promise<readonly Row[]> {
    const relations = statement.relations.map(({ name, view, positions }) => ({ name, view, asOf: listed(positions) }));
    const until = [...statement.relations.flatMap(({ positions }) => [...positions])];
    const { sql, parameters } = statement;
    const { rows } = await this.population.query({ relations, sql, parameters, until });
    return rows as Row[];
  }

  private heads(): Promise<Map<number, number>> {
    return headPositions(this.ledger, this.chains);
  }
}
