/** What is used of the inner modules of kafkajs 2.2.4, which is pinned to that version. */
declare module 'kafkajs/src/cluster/index.js' {
  import { type Logger } from 'kafkajs';

  export interface Broker {
    /** The request in the newest version that the broker and kafkajs know. */
    lookupRequest(apiKey: number, definitions: object): (options: object) => ProtocolRequest;
    connectionPool: { send<T>(request: ProtocolRequest<T>): Promise<T> };
  }

  export interface ProtocolRequest<T = unknown> {
    request: { encode: () => Promise<{ buf: Buffer; buffer: Buffer }> };
    response: { decode: (bytes: Buffer) => Promise<T>; parse: (data: T) => Promise<T> };
  }

  export default class Cluster {
    constructor(options: { logger: Logger; isolationLevel: number; metadataMaxAge: number } & Record<string, unknown>);
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    addTargetTopic(topic: string): Promise<void>;
    refreshMetadataIfNecessary(): Promise<void>;
    findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
    findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
    findBroker(node: { nodeId: string }): Promise<Broker>;
    fetchTopicsOffset(
      topics: { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
    ): Promise<{ partitions: { partition: number; offset: string }[] }[]>;
  }
}

declare module 'kafkajs/src/protocol/requests/index.js' {
  import { type ProtocolRequest } from 'kafkajs/src/cluster/index.js';

  export const requests: {
    Produce: object;
    Fetch: { protocol: (use: { version: number }) => (options: object) => ProtocolRequest };
  };
}

declare module 'kafkajs/src/protocol/error.js' {
  export function createErrorFromCode(code: number): Error & { type: string };
}

declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(bytes: Buffer);
  }
}

declare module 'kafkajs/src/protocol/recordBatch/v0/decoder.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js';

  interface DecodedRecord {
    offset: string;
    timestamp: string;
    key: Buffer;
    value: Buffer;
    headers: Record<string, Buffer>;
  }
  export default function decode(
    decoder: Decoder,
  ): Promise<{ producerId: string; lastOffsetDelta: number; records: DecodedRecord[] }>;
}

declare module 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js' {
  export default function crc32C(bytes: Uint8Array): number;
}
