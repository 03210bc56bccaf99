import { type Pool } from 'pg';
import { SYSTEM_CHAIN, SYSTEM_SOURCE } from '@chartledger/ledger';
import { type Views } from '@chartledger/projection';
import { NotFoundError } from '@chartledger/platform';
import { type Source } from './sources.projection.js';

/** A DNS label without the limit to 63, so that a source can be part of a URL and of an envelope without escapes. */
const NAME = /^[a-z0-9-]{1,64}$/;
/** What nobody registers: it is there from the start. */
export const SYSTEM: Source = { name: SYSTEM_SOURCE, chain: SYSTEM_CHAIN, validation: 'reject' };

export function isSourceName(name: string): boolean {
  return NAME.test(name);
}

/** Which sources there are. A source never changes once it is registered, so what was found once is kept. */
export class SourceDirectory {
  private readonly known = new Map<string, Source>([[SYSTEM_SOURCE, SYSTEM]]);

  constructor(
    private readonly pool: Pool,
    private readonly views: Views,
  ) {}

  async find(name: string): Promise<Source | undefined> {
    const known = this.known.get(name);
    if (known) return known;
    if (!isSourceName(name)) return undefined;
    const view = await this.views.upToDate('sources', SYSTEM_CHAIN);
    const { rows } = await this.pool.query<Source>(
      `select name, chain, validation from ${view.schema}.source where name = $1`,
      [name],
    );
    if (rows[0]) this.known.set(name, rows[0]);
    return rows[0];
  }

  /** @throws NotFoundError. */
  async get(name: string): Promise<Source> {
    const source = await this.find(name);
    if (source) return source;
    throw new NotFoundError(`there is no such source: register it with POST /sources {"name": …}, or check the URL`);
  }

  /** Those that were registered: the system's own is not among them. */
  async all(): Promise<Source[]> {
    const view = await this.views.upToDate('sources', SYSTEM_CHAIN);
    const { rows } = await this.pool.query<Source>(
      `select name, chain, validation from ${view.schema}.source order by name`,
    );
    return rows;
  }
}
