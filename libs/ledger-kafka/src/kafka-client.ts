// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- the build of an app takes in only what is imported
/// <reference path="./kafkajs-internals.d.ts" />
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Kafka, logLevel, type Admin, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';
import Cluster, { type Broker } from 'kafkajs/src/cluster/index.js';
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js';
import { requests } from 'kafkajs/src/protocol/requests/index.js';
import { type Logger } from '@chartledger/platform';
import { accessTokens } from './access-token.js';
import { decodeFetch, type FetchedPartition } from './decode-records.js';
import { DEADLINES, type Deadlines, type KafkaOptions, type KafkaSasl } from './kafka-options.js';
import { encodeProduce, encodeRecordBatch, type BatchRecord } from './record-batch.js';
import { type TopicRecord } from './topic-record.js';

export type { Admin };

const CLIENT_ID = 'chartledger';
const CONNECT_MS = 3_000;
const METADATA_MAX_AGE_MS = 60_000;
const KEEP_ALIVE_MS = 60_000;
/** Of administration: a cluster that has just begun has no controller for a moment. */
const ADMIN_RETRY = { retries: 20, initialRetryTime: 100, maxRetryTime: 500 };
/** `ApiKeys.PRODUCE` of the protocol. */
const PRODUCE = 0;
/** Known to brokers since 2.3, and the newest that kafkajs knows. */
const FETCH_VERSION = 11;
/** Everything below the high watermark is read, whoever wrote it: the chain is the fence, transactions are not used. */
const READ_UNCOMMITTED = 0;

/** Something of kafkajs with its connections, which end with it at once: without waiting for what was asked. */
export interface Disposable<T> {
  use: T;
  dispose(): void;
}

/** Sends to one partition, one batch at a time. After a failure it is good for nothing more. */
export interface Producer {
  connect(): Promise<void>;
  /** Resolves when the broker says that every replica in sync has the batch. */
  send(records: readonly BatchRecord[]): Promise<void>;
}

/** All that is known of kafkajs 2.2.4, so that another client can take its place. */
export class KafkaClient {
  readonly deadlines: Deadlines;
  private readonly config: KafkaConfig;
  private first = 0;

  constructor(
    readonly options: KafkaOptions,
    private readonly logger: Logger,
  ) {
    this.deadlines = { ...DEADLINES, ...options.deadlines };
    this.config = {
      brokers: options.brokers,
      clientId: CLIENT_ID,
      connectionTimeout: CONNECT_MS,
      authenticationTimeout: CONNECT_MS,
      requestTimeout: this.deadlines.requestMs,
      logLevel: logLevel.WARN,
      ...(options.tls ? { ssl: { ...options.tls } } : {}),
      ...(options.sasl ? { sasl: saslOf(options.sasl) } : {}),
    };
  }

  /**
   * Not the producer of kafkajs. That one repeats by itself what failed, and to tell the repetitions it counts: after a
   * failure its count is wrong, and it reports messages as written that never were. Here each batch is sent once, without
   * a producer id, and whoever sends it reads what became of it.
   */
  producer(partition: number): Disposable<Producer> {
    const { use: cluster, dispose } = this.cluster();
    const { topic, compression } = this.options;
    const use: Producer = {
      connect: async () => {
        await cluster.connect();
        await cluster.addTargetTopic(topic);
      },
      send: async (records) => {
        const broker = await leaderOf(cluster, topic, partition);
        const batch = await encodeRecordBatch(records, Date.now(), compression);
        const body = encodeProduce(topic, partition, batch, this.deadlines.requestMs);
        const produce = broker.lookupRequest(PRODUCE, requests.Produce)({ acks: -1, topicData: [] });
        produce.request.encode = async () => ({ buf: body, buffer: body });
        await broker.connectionPool.send(produce);
      },
    };
    return { use, dispose };
  }

  /**
   * Metadata and fetches without a consumer group: a group's members wait seconds for each other, and here each reader
   * reads what it wants from where it wants. The public part of kafkajs has no such thing.
   */
  cluster(): Disposable<Cluster> {
    const { kafka, sockets } = this.kafka();
    const cluster = new Cluster({
      ...this.config,
      brokers: this.nextBrokers(),
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
    const admin = kafka.admin({ retry: ADMIN_RETRY });
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      sockets.end(admin.disconnect());
    }
  }

  /** Each time another one first: kafkajs begins with the first, and that one may hang. */
  private nextBrokers(): string[] {
    const { brokers } = this.options;
    this.first = (this.first + 1) % brokers.length;
    return [...brokers.slice(this.first), ...brokers.slice(0, this.first)];
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
    // One that was about to be opened when the others were ended.
    if (this.isEnded) process.nextTick(() => socket.destroy(new Error('the connection is not needed any more')));
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

export interface FetchOptions {
  offset: number;
  maxBytes: number;
  /** How long the broker waits for a first record. */
  waitMs: number;
}

/** One fetch of one partition. @throws Error with the `type` of the protocol, such as OFFSET_OUT_OF_RANGE. */
export async function fetchRecords(
  cluster: Cluster,
  topic: string,
  partition: number,
  { offset, maxBytes, waitMs }: FetchOptions,
): Promise<TopicRecord[]> {
  const broker = await leaderOf(cluster, topic, partition);
  const { request, ...rest } = requests.Fetch.protocol({ version: FETCH_VERSION })({
    isolationLevel: READ_UNCOMMITTED,
    maxWaitTime: waitMs,
    minBytes: 1,
    maxBytes,
    rackId: '',
    topics: [{ topic, partitions: [{ partition, fetchOffset: offset, maxBytes }] }],
  });
  const response = { decode: decodeFetch, parse: refuseFailed };
  return (await broker.connectionPool.send({ ...rest, request, response })).records;
}

async function refuseFailed(fetched: FetchedPartition): Promise<FetchedPartition> {
  if (fetched.errorCode !== 0) throw createErrorFromCode(fetched.errorCode);
  return fetched;
}

/** The broker that leads the partition, connected. */
async function leaderOf(cluster: Cluster, topic: string, partition: number): Promise<Broker> {
  await cluster.refreshMetadataIfNecessary();
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (nodeId === undefined) throw new Error(`partition ${partition} of topic ${topic} has no leader`);
  return cluster.findBroker({ nodeId });
}

function saslOf(sasl: KafkaSasl): SASLOptions {
  if (sasl.mechanism !== 'oauthbearer') return sasl;
  const token = accessTokens(sasl);
  return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await token() }) };
}
