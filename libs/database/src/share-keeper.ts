import { setTimeout as delay } from 'node:timers/promises';
import { type Pool, type PoolClient } from 'pg';
import { IntegrityError, type Logger } from '@chartledger/platform';

/** Work that one process at a time does. */
export interface Share {
  /** For the log. */
  name: string;
  /** The two numbers of the advisory lock that stands for it. */
  lock: readonly [number, number];
  /** Called when this process may do it. Resolves, when it is under way, to what ends it. */
  start(): Promise<() => Promise<void>>;
}

/** How often it looks whether a share has become free: a takeover takes that long and the start of the work. */
const LOOK_MS = 250;
/**
 * PostgreSQL ends the session, and with it the locks, of a process that has not looked for so long: one that hangs or is
 * paused keeps its connection, and would keep its locks for ever.
 */
const SILENCE_MS = 5_000;

const TAKE = `select share.number::int4 as number
  from unnest($1::int4[], $2::int4[]) with ordinality as share (first, second, number)
  where pg_try_advisory_lock(share.first, share.second) limit $3`;

/**
 * Takes shares as they are free, half of them at each look so that processes which start together divide them, and keeps each until
 * it stops or loses its session. The lock keeps two processes from getting into each other's way; that a process which has
 * lost it may not know so for a moment MUST do no harm.
 */
export class ShareKeeper {
  private readonly working = new Map<Share, Promise<() => Promise<void>>>();
  private readonly stopping = new AbortController();
  private client: PoolClient | undefined;
  private running: Promise<void> | undefined;

  /** @param onFatal told of an IntegrityError: the process must end. */
  constructor(
    private readonly pool: Pool,
    private readonly shares: readonly Share[],
    private readonly logger: Logger,
    private readonly onFatal: (error: IntegrityError) => void,
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** Ends the work, then gives the shares to others. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.endAll();
    this.client?.release(true);
  }

  /** Whether it is in touch with the database, so that it may take shares. */
  get isInTouch(): boolean {
    return this.client !== undefined;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        this.client ??= await this.connect();
        await this.look(this.client);
      } catch (error) {
        await this.lose(error as Error);
      }
      await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async connect(): Promise<PoolClient> {
    const client = await this.pool.connect();
    // Met at the next look.
    client.on('error', () => undefined);
    await client.query(`set idle_session_timeout = ${SILENCE_MS}`);
    return client;
  }

  private async look(client: PoolClient): Promise<void> {
    const free = this.shares.filter((share) => !this.working.has(share));
    const { rows } = await client.query<{ number: number }>(TAKE, [
      free.map(({ lock }) => lock[0]),
      free.map(({ lock }) => lock[1]),
      Math.ceil(free.length / 2),
    ]);
    for (const { number } of rows) this.begin(free[number - 1]);
  }

  private begin(share: Share): void {
    this.logger.info({ share: share.name }, 'a share is taken');
    const work = share.start();
    this.working.set(share, work);
    work.catch(async (error: Error) => {
      this.logger.error({ share: share.name, error: error.message }, 'the work of a share could not begin');
      if (error instanceof IntegrityError) return this.onFatal(error);
      await this.client?.query('select pg_advisory_unlock($1, $2)', [...share.lock]).catch(() => undefined);
      if (this.working.get(share) === work) this.working.delete(share);
    });
  }

  private async lose(error: Error): Promise<void> {
    this.logger.error({ error: error.message }, 'the session that holds the shares is lost; others may take them');
    this.client?.release(true);
    this.client = undefined;
    await this.endAll();
  }

  private async endAll(): Promise<void> {
    const works = [...this.working.values()];
    this.working.clear();
    const begun = await Promise.allSettled(works);
    await Promise.all(begun.map((work) => (work.status === 'fulfilled' ? work.value() : undefined)));
  }
}
