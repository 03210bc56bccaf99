import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  CompressionTypes,
  Kafka,
  logLevel,
  type Admin,
  type KafkaConfig,
  type LogEntry,
  type SASLOptions,
} from 'kafkajs';
import Cluster from 'kafkajs/src/cluster/index.js';
import { type Logger } from '@chartledger/platform';
import { accessTokens } from './access-token.js';
import { type KafkaOptions, type KafkaSasl } from './kafka-options.js';

export type { Admin };

const CLIENT_ID = 'chartledger';
const CONNECT_MS = 5_000;
/** Of one request. A broker that hangs is met by the deadlines of those who ask, which are longer. */
const REQUEST_MS = 5_000;
const METADATA_MAX_AGE_MS = 60_000;
const KEEP_ALIVE_MS = 60_000;
/** Rode through the kill of a leader; those who ask have deadlines of their own. */
const RETRY = { retries: 100, initialRetryTime: 100, maxRetryTime: 500 };
/** Everything below the high watermark is read, whoever wrote it: the chain is the fence, transactions are not used. */
const READ_UNCOMMITTED = 0;

/** Something of kafkajs with its connections, which end with it at once: without waiting for what was asked. */
export interface Disposable<T> {
  use: T;
  dispose(): void;
}

/** A message with its place: without a partition kafkajs puts it elsewhere at each retry. */
export interface Message {
  key: string;
  value: Buffer;
}

/** Sends to one partition. Good for one send after another until one fails, and then for nothing more. */
export interface Producer {
  connect(): Promise<void>;
  send(messages: readonly Message[]): Promise<void>;
}

/**
 * All that is known of kafkajs 2.2.4, so that another client can take its place. It MUST be used as these functions do:
 * `retries: 0` throws for an idempotent producer, a producer that failed once acknowledges messages that it never writes.
 */
export class KafkaClient {
  private readonly config: KafkaConfig;

  constructor(
    readonly options: KafkaOptions,
    private readonly logger: Logger,
  ) {
    this.config = {
      brokers: options.brokers,
      clientId: CLIENT_ID,
      connectionTimeout: CONNECT_MS,
      authenticationTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS,
      retry: RETRY,
      logLevel: logLevel.WARN,
      ...(options.tls ? { ssl: { ...options.tls } } : {}),
      ...(options.sasl ? { sasl: saslOf(options.sasl) } : {}),
    };
  }

  /** A new producer, with a producer id of its own. */
  producer(partition: number): Disposable<Producer> {
    const { kafka, sockets } = this.kafka();
    const { topic, compression } = this.options;
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      createPartitioner: () => () => partition,
      retry: RETRY,
    });
    const use: Producer = {
      connect: () => producer.connect(),
      send: async (messages) => {
        await producer.send({
          topic,
          acks: -1,
          timeout: REQUEST_MS,
          compression: compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
          messages: messages.map((message) => ({ ...message, partition })),
        });
      },
    };
    return { use, dispose: () => sockets.end(producer.disconnect()) };
  }

  /**
   * Metadata and fetches without a consumer group: a group's members wait seconds for each other, and here each reader
   * reads what it wants from where it wants. The public part of kafkajs has no such thing.
   */
  cluster(): Disposable<Cluster> {
    const { kafka, sockets } = this.kafka();
    const cluster = new Cluster({
      ...this.config,
      logger: kafka.logger(),
      socketFactory: sockets.factory,
      enforceRequestTimeout: true,
      allowAutoTopicCreation: false,
      isolationLevel: READ_UNCOMMITTED,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      // One attempt: the reader begins anew with fresh metadata, which a retry would not.
      retry: { retries: 0 },
    });
    return { use: cluster, dispose: () => sockets.end(cluster.disconnect()) };
  }

  async withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const { kafka, sockets } = this.kafka();
    const admin = kafka.admin({ retry: { ...RETRY, retries: 20 } });
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      sockets.end(admin.disconnect());
    }
  }

  private kafka(): { kafka: Kafka; sockets: Sockets } {
    const sockets = new Sockets();
    const log =
      () =>
      ({ namespace, log: { message } }: LogEntry): void => {
        if (!sockets.isEnded) this.logger.warn({ stage: 'append', kafka: namespace }, message);
      };
    return { kafka: new Kafka({ ...this.config, socketFactory: sockets.factory, logCreator: log }), sockets };
  }
}

/** The sockets of one client object: kafkajs itself ends them only when everything that was asked was answered. */
class Sockets {
  private readonly open = new Set<Socket>();
  isEnded = false;

  readonly factory: NonNullable<KafkaConfig['socketFactory']> = ({ host, port, ssl, onConnect }) => {
    const socket = ssl
      ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
      : connect({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    // A request that waits for the acknowledgement of the packet before it takes 40 ms more.
    socket.setNoDelay(true);
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
    return socket;
  };

  /** @param disconnected what kafkajs still does for itself. It fails where the connection was lost, which is the aim here. */
  end(disconnected: Promise<void>): void {
    this.isEnded = true;
    disconnected.catch(() => undefined);
    for (const socket of this.open) socket.destroy(new Error('the connection is not needed any more'));
  }
}

function saslOf(sasl: KafkaSasl): SASLOptions {
  if (sasl.mechanism !== 'oauthbearer') return sasl;
  const token = accessTokens(sasl);
  return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await token() }) };
}
