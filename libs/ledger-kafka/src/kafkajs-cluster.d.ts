/** What is used of an inner class of kafkajs 2.2.4, which is pinned to that version. */
declare module 'kafkajs/src/cluster/index.js' {
  import { type Logger } from 'kafkajs';

  export interface FetchRequest {
    isolationLevel: number;
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    topics: { topic: string; partitions: { partition: number; fetchOffset: number; maxBytes: number }[] }[];
  }

  export interface FetchResponse {
    responses: { partitions: { highWatermark: string; messages: { offset: string; value: Buffer | null }[] }[] }[];
  }

  export interface Broker {
    fetch(request: FetchRequest): Promise<FetchResponse>;
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
