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
}

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
