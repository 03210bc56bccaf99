/** One broker of a cluster, which is a controller as well. */
export interface KafkaNode {
  /** From 0 on, as in Kafka's metadata. */
  id: number;
  /** Where it listens to clients, on 127.0.0.1. */
  port: number;
  /** Where it tells clients to connect: `port`, or that of a proxy in front. */
  advertisedPort: number;
  brokerPort: number;
  controllerPort: number;
}

export function kafkaMissing(): string | undefined;
export function planNodes(count: number, from: number): Promise<KafkaNode[]>;
export function startCluster(folder: string, nodes: KafkaNode[]): Promise<void>;
export function removeCluster(folder: string): Promise<void>;
export function startBroker(folder: string, node: KafkaNode, nodes: KafkaNode[]): Promise<void>;
export function signalBroker(folder: string, node: KafkaNode, signal: NodeJS.Signals): boolean;
export function killBroker(folder: string, node: KafkaNode): Promise<void>;
/** A program to start with a cluster's folder as its argument: removes the cluster when its standard input ends. */
export const GUARD: URL;
