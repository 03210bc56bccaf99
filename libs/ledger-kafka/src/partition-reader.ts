import { IntegrityError } from '@chartledger/platform';
import { fetchRecords, type Disposable, type KafkaClient } from './kafka-client.js';
import { withDeadline } from './patience.js';
import { type TopicRecord } from './topic-record.js';

/** A request of the broker beyond the time that it was told to wait. */
const REQUEST_DEADLINE_MS = 8_000;

/** How long a record that was read before may be missing until it counts as lost: longer than a deposed leader believes. */
export const MISSING_MS = 3_000;

type Cluster = ReturnType<KafkaClient['cluster']>['use'];

/**
 * Reads partitions of the topic by fetch requests, one at a time. After any failure it begins with new connections and
 * new metadata, so the caller only has to ask again.
 */
export class PartitionReader {
  private connected: Disposable<Promise<Cluster>> | undefined;
  /** Milliseconds of the process's clock. */
  private missingSince: number | undefined;

  constructor(private readonly client: KafkaClient) {}

  close(): void {
    this.connected?.dispose();
    this.connected = undefined;
  }

  /**
   * The records from `offset` on that are replicated, in order; waits up to `waitMs` for the first one. A batch is given
   * whole, however large, and may begin before `offset`.
   * @throws IntegrityError when the topic ends before that offset, or begins after it, however often it is asked: a leader
   *   that was deposed may say so for a moment. Any other Error: ask again.
   */
  async fetch(partition: number, offset: number, maxBytes: number, waitMs = 0): Promise<TopicRecord[]> {
    const { topic } = this.client.options;
    const options = { offset, maxBytes, waitMs };
    try {
      const records = await this.ask(REQUEST_DEADLINE_MS + waitMs, (cluster) =>
        fetchRecords(cluster, topic, partition, options),
      );
      this.missingSince = undefined;
      return records;
    } catch (error) {
      if ((error as { type?: string }).type !== 'OFFSET_OUT_OF_RANGE') throw error;
      const now = performance.now();
      this.missingSince ??= now;
      if (now - this.missingSince < MISSING_MS) throw error;
      throw new IntegrityError(
        `chain ${partition}: topic ${topic} does not hold offset ${offset}, which was read before: it was cut off, deleted or replaced; stop every writer and restore the topic from its replicas or its backup`,
      );
    }
  }

  /** The high watermark of each partition: the offset after the last record that is replicated. */
  ends(partitions: readonly number[]): Promise<number[]> {
    return this.offsets(partitions, false);
  }

  async end(partition: number): Promise<number> {
    const [end] = await this.ends([partition]);
    return end;
  }

  /** The offset of the first record that retention left, equal to `end` where there is none. */
  async begin(partition: number): Promise<number> {
    const [begin] = await this.offsets([partition], true);
    return begin;
  }

  private async offsets(partitions: readonly number[], fromBeginning: boolean): Promise<number[]> {
    const { topic } = this.client.options;
    const asked = { topic, partitions: partitions.map((partition) => ({ partition })), fromBeginning };
    const [answer] = await this.ask(REQUEST_DEADLINE_MS, (cluster) => cluster.fetchTopicsOffset([asked]));
    const offsets = new Map(answer?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    return partitions.map((partition) => {
      const offset = offsets.get(partition);
      if (offset === undefined) throw new Error(`partition ${partition} of topic ${topic} has no leader`);
      return offset;
    });
  }

  private async ask<T>(deadlineMs: number, question: (cluster: Cluster) => Promise<T>): Promise<T> {
    const connected = (this.connected ??= this.connect());
    try {
      return await withDeadline(connected.use.then(question), deadlineMs, 'a request to Kafka');
    } catch (error) {
      connected.dispose();
      if (this.connected === connected) this.connected = undefined;
      throw error;
    }
  }

  private connect(): Disposable<Promise<Cluster>> {
    const { use: cluster, dispose } = this.client.cluster();
    const open = async (): Promise<Cluster> => {
      await cluster.connect();
      await cluster.addTargetTopic(this.client.options.topic);
      return cluster;
    };
    return { use: open(), dispose };
  }
}
