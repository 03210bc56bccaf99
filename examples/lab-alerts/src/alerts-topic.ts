import { randomUUID } from 'node:crypto';
import { type Kafka, type Producer } from 'kafkajs';
import { alertEvent } from './alert.js';
import { type Store } from './store.js';

const BATCH = 200;
const HEADERS = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };

/**
 * The service's own topic, written from its table: the alerts of chain c on partition c, in the order of their numbers. It
 * remembers nothing of what it sent. How far it came is what the topic shows, so there is no moment at which a kill would
 * lose an alert or send it twice; and a topic that was deleted is written anew.
 */
export class AlertsTopic {
  private readonly producer: Producer;
  /** The last number on each partition. Forgotten when the group's members change: another one may have written. */
  private published = new Map<number, number>();
  private working = Promise.resolve();

  constructor(
    private readonly kafka: Kafka,
    private readonly topic: string,
    private readonly store: Store,
  ) {
    // No repetition by the client: after an error nothing is sent before the topic was read again.
    this.producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 0 } });
  }

  /** Makes the topic where there is none. */
  async open(numPartitions: number): Promise<void> {
    const admin = this.kafka.admin();
    await admin.connect();
    const configEntries = [{ name: 'retention.ms', value: '-1' }];
    await admin.createTopics({ topics: [{ topic: this.topic, numPartitions, replicationFactor: -1, configEntries }] });
    await admin.disconnect();
    await this.producer.connect();
  }

  forget(): void {
    this.published = new Map();
  }

  /** Sends what the table has and the topic has not. One chain after the other. */
  publish(chain: number): Promise<void> {
    this.working = this.working.then(() => this.publishChain(chain));
    return this.working;
  }

  private async publishChain(chain: number): Promise<void> {
    let last = this.published.get(chain) ?? (await this.lastNumber(chain));
    for (;;) {
      const alerts = await this.store.alertsAfter(chain, last, BATCH);
      if (alerts.length === 0) break;
      const messages = alerts.map((alert) => ({
        partition: chain,
        key: alert.record,
        value: alertEvent(alert),
        headers: HEADERS,
      }));
      await this.producer.send({ topic: this.topic, acks: -1, messages });
      last = alerts[alerts.length - 1].number;
    }
    this.published.set(chain, last);
  }

  /** The number of the last alert on a partition, 0 where there is none: read by a consumer of its own. */
  private async lastNumber(partition: number): Promise<number> {
    const admin = this.kafka.admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(this.topic).finally(() => admin.disconnect());
    const { low, high } = offsets.find((one) => one.partition === partition)!;
    if (high === low) return 0;
    const consumer = this.kafka.consumer({ groupId: `${this.topic}-tail-${randomUUID()}`, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topic: this.topic });
    try {
      return await new Promise<number>((resolve, reject) => {
        const eachMessage = async ({
          partition: from,
          message,
        }: {
          partition: number;
          message: { value: Buffer | null };
        }): Promise<void> => {
          if (from === partition) resolve(JSON.parse(String(message.value)).data.number);
        };
        consumer.run({ autoCommit: false, eachMessage }).catch(reject);
        consumer.seek({ topic: this.topic, partition, offset: String(BigInt(high) - 1n) });
      });
    } finally {
      await consumer.disconnect();
    }
  }
}
