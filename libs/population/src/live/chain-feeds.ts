import { type Ledger } from '@chartledger/ledger';
import { ChainFeed } from './chain-feed.js';

/** The chains that are followed now. */
export class ChainFeeds implements Iterable<ChainFeed> {
  private feeds: ChainFeed[] = [];

  constructor(
    private readonly ledger: Ledger,
    private readonly onMore: () => void,
  ) {}

  [Symbol.iterator](): Iterator<ChainFeed> {
    return this.feeds[Symbol.iterator]();
  }

  /** Follows these chains and no other; one that is new from `start(chain)` on. */
  async follow(chains: readonly number[], start: (chain: number) => number): Promise<void> {
    const left = this.feeds.filter(({ chain }) => !chains.includes(chain));
    this.feeds = this.feeds.filter((feed) => !left.includes(feed));
    for (const feed of left) await feed.stop();
    for (const chain of chains) {
      if (this.feeds.some((feed) => feed.chain === chain)) continue;
      this.feeds.push(new ChainFeed(this.ledger, chain, start(chain), this.onMore));
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.feeds.splice(0).map((feed) => feed.stop()));
  }
}
