import { ConfigurationError, UnavailableError, type Logger } from '@chartledger/platform';
import { BatchSender } from './batch-sender.js';
import { KafkaClient, type Admin } from './kafka-client.js';
import { type KafkaOptions } from './kafka-options.js';
import { PartitionReader } from './partition-reader.js';
import { type BatchRecord } from './record-batch.js';
import { type TopicRecord } from './topic-record.js';
import { causeOf, makeTopic, onceKnown, settingsOf } from './topic.js';

/** How a topic of events is made. An existing one keeps its own retention and copies. */
export interface EventTopicSettings {
  /** At least as many; an existing topic with fewer is given more. */
  partitions: number;
  /** Milliseconds; -1 keeps everything. */
  retentionMs: number;
}

/**
 * A topic for others, derived from the ledger: what it loses can be written again, so less is asked of its settings than
 * of the ledger's own topic.
 */
export class EventTopic {
  private readonly client: KafkaClient;

  constructor(
    options: KafkaOptions,
    private readonly settings: EventTopicSettings,
    private readonly logger: Logger,
  ) {
    this.client = new KafkaClient(options, logger);
  }

  get name(): string {
    return this.client.options.topic;
  }

  /**
   * Makes the topic where there is none, and gives it the partitions that it lacks. Safe to call from several processes.
   * @throws ConfigurationError when it is set so that events would be lost.
   */
  async ensure(): Promise<void> {
    const { name } = this;
    await this.client.withAdmin(async (admin) => {
      if (!(await admin.listTopics()).includes(name)) await this.create(admin);
      const policy = (await onceKnown(name, () => settingsOf(admin, name))).get('cleanup.policy') ?? '';
      if (policy !== 'delete') {
        throw new ConfigurationError(
          `cleanup.policy of topic ${name} is ${policy}, it must be delete: compaction would remove all events of a record but the last. \`kafka-configs.sh --alter --topic ${name} --add-config cleanup.policy=delete\``,
        );
      }
      const { topics } = await onceKnown(name, () => admin.fetchTopicMetadata({ topics: [name] }));
      if (topics[0].partitions.length < this.settings.partitions) {
        await admin.createPartitions({ topicPartitions: [{ topic: name, count: this.settings.partitions }] });
      }
    });
  }

  /** With connections of its own, which `close` ends. */
  partition(partition: number): EventPartition {
    return new EventPartition(this.client, partition, this.logger);
  }

  private async create(admin: Admin): Promise<void> {
    const { replicationFactor } = this.client.options;
    const configEntries = [
      { name: 'cleanup.policy', value: 'delete' },
      { name: 'retention.ms', value: String(this.settings.retentionMs) },
      { name: 'unclean.leader.election.enable', value: 'false' },
      { name: 'min.insync.replicas', value: replicationFactor >= 3 ? '2' : '1' },
      { name: 'compression.type', value: 'producer' },
    ];
    const { partitions: numPartitions } = this.settings;
    try {
      await makeTopic(admin, { topic: this.name, numPartitions, replicationFactor, configEntries });
    } catch (error) {
      throw new ConfigurationError(`topic ${this.name} could not be made: ${causeOf(error as Error)}`);
    }
  }
}

/**
 * Reads and writes one partition. What came of a send is known by reading only, as with the ledger's topic. After `close`
 * every call fails, so that who is in the middle of something ends too.
 */
export class EventPartition {
  private readonly reader: PartitionReader;
  private readonly sender: BatchSender;
  private readonly closing = new AbortController();

  constructor(
    client: KafkaClient,
    private readonly number: number,
    logger: Logger,
  ) {
    this.reader = new PartitionReader(client);
    this.sender = new BatchSender(client, number, logger, this.closing.signal);
  }

  close(): void {
    this.closing.abort();
    this.sender.close();
    this.reader.close();
  }

  /** The offset of the first record that is still there. */
  async begin(): Promise<number> {
    this.requireOpen();
    return this.reader.begin(this.number);
  }

  /** The offset after the last record that is replicated. */
  async end(): Promise<number> {
    this.requireOpen();
    return this.reader.end(this.number);
  }

  /** As `PartitionReader.fetch`. */
  async fetch(offset: number, maxBytes: number, waitMs = 0): Promise<TopicRecord[]> {
    this.requireOpen();
    return this.reader.fetch(this.number, offset, maxBytes, waitMs);
  }

  /** Sends one batch; resolves when the broker answered or was given up. One at a time. */
  async send(records: readonly BatchRecord[]): Promise<void> {
    this.requireOpen();
    return this.sender.send(records);
  }

  private requireOpen(): void {
    if (this.closing.signal.aborted) throw new UnavailableError('the connection to the topic was closed');
  }
}
