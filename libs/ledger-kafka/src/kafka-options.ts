/** How to reach the topic. Plain values: the environment is read elsewhere. */
export interface KafkaOptions {
  /** `host:port` of some brokers of the cluster; the others are found through them. */
  brokers: string[];
  topic: string;
  /** Copies of each partition when the topic is made. An existing topic keeps its own. */
  replicationFactor: number;
  /** Ciphertext does not compress: `gzip` is for a network that is slower than a processor. */
  compression: 'none' | 'gzip';
  /** Absent: the connection is not encrypted. An empty object trusts the authorities that Node knows. */
  tls?: KafkaTls;
  sasl?: KafkaSasl;
  /** Those that are absent are as in `DEADLINES`. Shorter ones give up on what is only slow. */
  deadlines?: Partial<Deadlines>;
}

/** Milliseconds until something is given up and tried anew. */
export interface Deadlines {
  /** Of one request to a broker, and of its wait for followers. MUST be longer than a fetch waits, a second. */
  requestMs: number;
  /** Of one send, its request included. */
  sendMs: number;
}

/** A broker that hangs is met by the deadlines of those who ask, which are longer than that of one request. */
export const DEADLINES: Deadlines = { requestMs: 5_000, sendMs: 8_000 };

/** PEM texts. */
export interface KafkaTls {
  ca?: string;
  cert?: string;
  key?: string;
}

export type KafkaSasl =
  | { mechanism: 'scram-sha-256' | 'scram-sha-512'; username: string; password: string }
  | ({ mechanism: 'oauthbearer' } & TokenRequest);

/** The client credentials grant (RFC 6749 section 4.4). */
export interface TokenRequest {
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  scope?: string;
}
