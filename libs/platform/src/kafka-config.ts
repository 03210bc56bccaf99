import { integer, oneOf, path, text } from './environment.js';
import { ConfigurationError } from './errors.js';

/** How the topic that holds the ledger is reached. Secrets are files, so that they stand in no list of processes. */
export interface KafkaConfig {
  brokers: string[];
  topic: string;
  replicationFactor: number;
  compression: 'none' | 'gzip';
  /** Absent: the connection is not encrypted. */
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
  sasl?:
    | { mechanism: 'scram-sha-256' | 'scram-sha-512'; username: string; passwordFile: string }
    | { mechanism: 'oauthbearer'; tokenUrl: string; clientId: string; clientSecretFile: string; scope?: string };
}

const DEFAULT_TOPIC = 'chartledger.ledger';
/** With three copies and two of them in sync, any one broker may be lost. */
const MOST_COPIES_BY_DEFAULT = 3;
const COMPRESSIONS = ['none', 'gzip'] as const;
const MECHANISMS = ['', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;
const SWITCH = ['off', 'on'] as const;
const BROKER = /^[^\s,:]+:\d{1,5}$/;
/** Kafka allows letters, digits, dots, underscores and hyphens. */
const TOPIC = /^[A-Za-z0-9._-]{1,200}$/;

/** Undefined where no brokers are named: the embedded ledger. @throws ConfigurationError. */
export function readKafkaConfig(env: NodeJS.ProcessEnv, cwd: string): KafkaConfig | undefined {
  const named = env['KAFKA_BROKERS'];
  if (!named) return undefined;
  const brokers = named.split(',').map((broker) => broker.trim());
  const wrong = brokers.find((broker) => !BROKER.test(broker));
  if (wrong !== undefined) {
    throw new ConfigurationError(`KAFKA_BROKERS names ${wrong || 'nothing'}: it must be host:port,host:port,…`);
  }
  const topic = text(env, 'CHARTLEDGER_KAFKA_TOPIC', DEFAULT_TOPIC);
  if (!TOPIC.test(topic)) {
    throw new ConfigurationError(`CHARTLEDGER_KAFKA_TOPIC is ${topic}: it may hold letters, digits and . _ - only`);
  }
  const tls = oneOf(env, 'CHARTLEDGER_KAFKA_TLS', SWITCH, 'off') === 'on';
  const file = (name: string): string | undefined => (env[name] ? path(cwd, env[name]) : undefined);
  const sasl = readSasl(env, cwd);
  return {
    brokers,
    topic,
    replicationFactor: integer(
      env,
      'CHARTLEDGER_KAFKA_REPLICATION_FACTOR',
      Math.min(MOST_COPIES_BY_DEFAULT, brokers.length),
      1,
      MAX_COPIES,
    ),
    compression: oneOf(env, 'CHARTLEDGER_KAFKA_COMPRESSION', COMPRESSIONS, 'none'),
    ...(tls
      ? {
          tls: {
            caFile: file('CHARTLEDGER_KAFKA_CA_FILE'),
            certFile: file('CHARTLEDGER_KAFKA_CERT_FILE'),
            keyFile: file('CHARTLEDGER_KAFKA_KEY_FILE'),
          },
        }
      : {}),
    ...(sasl ? { sasl } : {}),
  };
}

/** As variables; files are named, what they hold is not read. */
export function describeKafka(kafka: KafkaConfig | undefined): Record<string, string> {
  if (!kafka) return { KAFKA_BROKERS: '(none: embedded ledger)' };
  return {
    KAFKA_BROKERS: kafka.brokers.join(),
    CHARTLEDGER_KAFKA_TOPIC: kafka.topic,
    CHARTLEDGER_KAFKA_REPLICATION_FACTOR: String(kafka.replicationFactor),
    CHARTLEDGER_KAFKA_COMPRESSION: kafka.compression,
    CHARTLEDGER_KAFKA_TLS: kafka.tls ? 'on' : 'off',
    CHARTLEDGER_KAFKA_SASL_MECHANISM: kafka.sasl?.mechanism ?? '(none)',
  };
}

/** Kafka keeps no more than one copy a broker; a larger number is a mistake. */
const MAX_COPIES = 15;

function readSasl(env: NodeJS.ProcessEnv, cwd: string): KafkaConfig['sasl'] {
  const mechanism = oneOf(env, 'CHARTLEDGER_KAFKA_SASL_MECHANISM', MECHANISMS, '');
  if (mechanism === '') return undefined;
  if (mechanism !== 'oauthbearer') {
    return {
      mechanism,
      username: required(env, 'CHARTLEDGER_KAFKA_SASL_USERNAME', mechanism),
      passwordFile: path(cwd, required(env, 'CHARTLEDGER_KAFKA_SASL_PASSWORD_FILE', mechanism)),
    };
  }
  const scope = env['CHARTLEDGER_KAFKA_OAUTH_SCOPE'];
  return {
    mechanism,
    tokenUrl: required(env, 'CHARTLEDGER_KAFKA_OAUTH_TOKEN_URL', mechanism),
    clientId: required(env, 'CHARTLEDGER_KAFKA_OAUTH_CLIENT_ID', mechanism),
    clientSecretFile: path(cwd, required(env, 'CHARTLEDGER_KAFKA_OAUTH_CLIENT_SECRET_FILE', mechanism)),
    ...(scope ? { scope } : {}),
  };
}

function required(env: NodeJS.ProcessEnv, name: string, mechanism: string): string {
  const value = env[name];
  if (value) return value;
  throw new ConfigurationError(`${name} is not set: CHARTLEDGER_KAFKA_SASL_MECHANISM is ${mechanism}, which needs it`);
}
