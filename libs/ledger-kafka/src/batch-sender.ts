import { type Logger } from '@chartledger/platform';
import { type Disposable, type KafkaClient, type Producer } from './kafka-client.js';
import { pause, withDeadline } from './patience.js';
import { type BatchRecord } from './record-batch.js';

const CONNECT_DEADLINE_MS = 10_000;
/** Before the next send after one that failed: what fails at once is not to be tried a thousand times a second. */
const PAUSE_MS = 200;

/** Sends to one partition, one batch at a time, each by connections that never failed before. */
export class BatchSender {
  private producer: Disposable<Promise<Producer>> | undefined;

  constructor(
    private readonly client: KafkaClient,
    private readonly partition: number,
    private readonly logger: Logger,
    private readonly signal: AbortSignal,
  ) {}

  close(): void {
    this.producer?.dispose();
    this.producer = undefined;
  }

  /** As `PartitionLog.send`: what became of the batch is only known by reading. */
  async send(records: readonly BatchRecord[]): Promise<void> {
    const current = (this.producer ??= this.connect());
    try {
      const producer = await withDeadline(current.use, CONNECT_DEADLINE_MS, 'a connection to Kafka');
      await withDeadline(producer.send(records), this.client.deadlines.sendMs, 'a send to Kafka');
    } catch (error) {
      this.close();
      this.logger.warn(
        { stage: 'append', chain: this.partition, records: records.length, error: (error as Error).message },
        'a send to Kafka failed; the topic is read to see what became of it',
      );
      await pause(PAUSE_MS, this.signal);
    }
  }

  private connect(): Disposable<Promise<Producer>> {
    const { use: producer, dispose } = this.client.producer(this.partition);
    return { use: producer.connect().then(() => producer), dispose };
  }
}
