import { type Pool } from 'pg';

/** Which process owns a chain, as the owners publish it. */
export class OwnerDirectory {
  private readonly known = new Map<number, string>();

  constructor(private readonly pool: Pool) {}

  /** @param url where the gateways reach this process. */
  async publish(chain: number, url: string): Promise<void> {
    await this.pool.query(
      `insert into sequence.owner (chain, url, since) values ($1, $2, now())
       on conflict (chain) do update set url = excluded.url, since = excluded.since`,
      [chain, url],
    );
  }

  /** Of an owner that stops; one that published itself since stays. */
  async withdraw(chain: number, url: string): Promise<void> {
    await this.pool.query('delete from sequence.owner where chain = $1 and url = $2', [chain, url]);
  }

  /** The owner's URL, kept until `forget`; undefined while there is none. */
  async find(chain: number): Promise<string | undefined> {
    const known = this.known.get(chain);
    if (known !== undefined) return known;
    const { rows } = await this.pool.query<{ url: string }>('select url from sequence.owner where chain = $1', [chain]);
    if (rows[0]) this.known.set(chain, rows[0].url);
    return rows[0]?.url;
  }

  /** It did not answer as the owner. */
  forget(chain: number): void {
    this.known.delete(chain);
  }
}
