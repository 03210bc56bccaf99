import { type EventPartition, type EventRecord, type SentRecord } from './event-log.js';

/** Ends a publisher in the middle of what it does, as kill -9 would. */
export class Killed extends Error {}

/** A number from 0 to `max` inclusive: what happens next. */
export type Choose = (max: number) => number;

/** A partition and the way to it, on which anything may happen to a batch. */
export class ModelPartition {
  private log: Buffer[] = [];
  /** Batches under way that come later, perhaps to another topic of the same name. */
  private late: Buffer[][] = [];

  constructor(private readonly choose: Choose) {}

  get records(): readonly Buffer[] {
    return this.log;
  }

  /** Everything that was under way arrives. */
  settle(): void {
    for (const batch of this.late.splice(0)) this.log.push(...batch);
  }

  /** The topic was deleted and made anew. */
  remake(): void {
    this.log = [];
  }

  /** As one publisher reaches it. Without faults everything works at once. */
  connect(faults: boolean): EventPartition {
    const step = faults ? (): Promise<void> => this.step() : async (): Promise<void> => undefined;
    return {
      begin: async () => {
        await step();
        return 0;
      },
      end: async () => {
        await step();
        return this.log.length;
      },
      fetch: async (offset) => {
        await step();
        if (offset > this.log.length) throw new Error('OFFSET_OUT_OF_RANGE');
        const count = faults ? 1 + this.choose(7) : Infinity;
        return this.log.slice(offset, offset + count).map((value, at): EventRecord => ({ offset: offset + at, value }));
      },
      send: async (records) => {
        await step();
        this.arrive(records, faults ? this.choose(5) : 0);
        await step();
      },
    };
  }

  private arrive(records: readonly SentRecord[], fate: number): void {
    const batch = records.map(({ value }) => Buffer.concat(value));
    if (fate === 1) return;
    if (fate === 2) this.late.push(batch);
    else this.log.push(...batch);
    if (fate === 3) this.log.push(...batch);
    if (fate === 4) this.late.push(batch);
  }

  /** Lets others go first, for some turns; then may end the publisher, or bring what was late. */
  private async step(): Promise<void> {
    for (let turns = this.choose(3); turns > 0; turns -= 1) await Promise.resolve();
    if (this.choose(40) === 0) throw new Killed();
    if (this.choose(30) === 0) this.remake();
    if (this.late.length > 0 && this.choose(3) === 0)
      this.log.push(...this.late.splice(this.choose(this.late.length - 1), 1)[0]);
  }
}
