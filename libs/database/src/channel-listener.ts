import { setTimeout as delay } from 'node:timers/promises';
import { type Pool, type PoolClient } from 'pg';

/** Between two tries to listen again: a PostgreSQL that was killed serves after a second or some. */
const RETRY_MS = 500;

/** Hears what is notified on a channel, on a connection of its own that is made anew when it breaks. */
export class ChannelListener {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  /**
   * @param channel an identifier of ours.
   * @param onMessage told the payload; undefined: something may have been missed, nobody listened for a while.
   */
  constructor(
    private readonly pool: Pool,
    private readonly channel: string,
    private readonly onMessage: (payload: string | undefined) => void,
  ) {}

  /** Resolves when it listens. */
  async start(): Promise<void> {
    this.running = this.keepListening(await this.listen());
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async keepListening(first: PoolClient): Promise<void> {
    const { signal } = this.stopping;
    for (let client: PoolClient | undefined = first; client; client = await this.listenAgain()) {
      await ended(client, signal);
      client.release(true);
    }
  }

  private async listenAgain(): Promise<PoolClient | undefined> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const client = await this.listen().catch(() => undefined);
      if (client) this.onMessage(undefined);
      if (client) return client;
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }

  private async listen(): Promise<PoolClient> {
    const client = await this.pool.connect();
    try {
      client.on('notification', ({ payload }) => this.onMessage(payload));
      await client.query(`listen ${this.channel}`);
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }
}

/** Resolves when the connection breaks, or the signal is aborted. */
async function ended(client: PoolClient, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    client.once('end', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
