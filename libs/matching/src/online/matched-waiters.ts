import { type Positions } from '@chartledger/ledger';

interface Waiter {
  chain: number;
  seq: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Those who wait until a chain is decided on up to a seq. */
export class MatchedWaiters {
  private waiting: Waiter[] = [];

  until(chain: number, seq: number): Promise<void> {
    return new Promise((resolve, reject) => this.waiting.push({ chain, seq, resolve, reject }));
  }

  release(decided: Positions): void {
    if (this.waiting.length === 0) return;
    const waiting = this.waiting;
    const isThere = ({ chain, seq }: Waiter): boolean => (decided.get(chain) ?? -1) >= seq;
    this.waiting = waiting.filter((waiter) => !isThere(waiter));
    for (const waiter of waiting) if (isThere(waiter)) waiter.resolve();
  }

  reject(error: Error): void {
    for (const waiter of this.waiting.splice(0)) waiter.reject(error);
  }
}
