import { type Pool } from 'pg';
import { ChannelListener } from '@chartledger/database';
import { CHANNEL } from './ledger.queries.js';

/**
 * Tells followers that a chain has grown: at once within this process, by NOTIFY from others. A wake-up carries no data
 * and may come once too often; a follower reads the table to see what is new.
 */
export class ChainWakeUps {
  private readonly waiting = new Map<number, Set<() => void>>();

  private readonly listener: ChannelListener;

  private constructor(pool: Pool) {
    // After a lost connection everyone looks: what was notified meanwhile was not heard.
    this.listener = new ChannelListener(pool, CHANNEL, (chain) =>
      chain === undefined ? this.wakeAll() : this.wake(Number(chain)),
    );
  }

  static async listen(pool: Pool): Promise<ChainWakeUps> {
    const wakeUps = new ChainWakeUps(pool);
    await wakeUps.listener.start();
    return wakeUps;
  }

  wake(chain: number): void {
    const callbacks = this.waiting.get(chain);
    if (!callbacks) return;
    this.waiting.delete(chain);
    for (const callback of callbacks) callback();
  }

  /** Resolves when the chain grows after this call, or when the signal is aborted. */
  next(chain: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const callbacks = this.waiting.get(chain) ?? new Set();
      this.waiting.set(chain, callbacks);
      const done = (): void => {
        signal.removeEventListener('abort', done);
        callbacks.delete(done);
        resolve();
      };
      callbacks.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  async close(): Promise<void> {
    this.wakeAll();
    await this.listener.stop();
  }

  private wakeAll(): void {
    for (const chain of [...this.waiting.keys()]) this.wake(chain);
  }
}
