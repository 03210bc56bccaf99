import { ChannelListener } from '@chartledger/database';
import { type Ledger } from '@chartledger/ledger';
import { SWAP_CHANNEL } from './generations.js';
import { type ProjectedEntry, type Projection } from './projection.port.js';
import { ProjectionRunner, type RunnerContext } from './projection-runner.js';
import { viewAmong, type Views } from './view.js';

/** All views that this process keeps, one runner for each view and chain. */
export class ViewSet implements Views {
  private readonly runners: ProjectionRunner[];
  private readonly swaps: ChannelListener;
  private readonly listeners: ((chain: number, entries: readonly ProjectedEntry[]) => void)[] = [];

  constructor(
    private readonly context: RunnerContext,
    projections: readonly Projection[],
    chains: readonly number[],
  ) {
    this.runners = projections.flatMap((projection) =>
      chains
        .filter((chain) => projection.reads(chain))
        .map((chain) => new ProjectionRunner(context, projection, chain)),
    );
    this.swaps = new ChannelListener(context.pool, SWAP_CHANNEL, (name) => {
      for (const runner of this.runners) if (name === undefined || runner.projection.name === name) runner.reload();
    });
  }

  /** Resolves when every view has what the ledger had at the call. */
  async start(): Promise<void> {
    await this.swaps.start();
    // One after the other: two chains of a view must not make its first generation twice.
    for (const runner of this.runners) await runner.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.runners.map((runner) => runner.stop()));
    await this.swaps.stop();
  }

  get ledger(): Ledger {
    return this.context.ledger;
  }

  view(name: string, chain: number): ProjectionRunner {
    return viewAmong(this.runners, name, chain);
  }

  async upToDate(name: string, chain: number): Promise<ProjectionRunner> {
    const view = this.view(name, chain);
    await view.caughtUp();
    return view;
  }

  /** The chain is known to reach `seq`, whoever wrote it. */
  announce(chain: number, seq: number): void {
    for (const runner of this.runners) if (runner.chain === chain) runner.feed.announce(seq);
  }

  /** Hands entries that are now durable to every view of the chain. */
  publish(chain: number, entries: ProjectedEntry[]): void {
    for (const runner of this.runners) if (runner.chain === chain) runner.feed.publish(entries);
    if (entries.length === 0) return;
    for (const listener of this.listeners) listener(chain, entries);
  }

  /** Has `listener` told of entries once they are durable, as the views are. It may miss some: it MUST NOT rest on it. */
  listen(listener: (chain: number, entries: readonly ProjectedEntry[]) => void): void {
    this.listeners.push(listener);
  }

  /** Resolves when no view of the chain lags too far behind. */
  async haveRoom(chain: number): Promise<void> {
    for (const runner of this.runners) if (runner.chain === chain) await runner.feed.hasRoom();
  }

  all(): readonly ProjectionRunner[] {
    return this.runners;
  }
}
