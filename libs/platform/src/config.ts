import { join } from 'node:path';
import { ConfigurationError } from './errors.js';
import { integer, oneOf, path, text } from './environment.js';
import { describeKafka, readKafkaConfig, type KafkaConfig } from './kafka-config.js';
import { describeTracing, readTracingConfig, type TracingConfig } from './tracing-config.js';

/** Everything that the program takes from its environment. Read once, at start, by `readConfig`. */
export interface Config {
  host: string;
  port: number;
  dataDir: string;
  databaseUrl: string | undefined;
  /** Undefined: the embedded ledger. */
  kafka: KafkaConfig | undefined;
  /** Under which the gateways reach this process when it sequences. Undefined: the address that it listens on. */
  advertisedUrl: string | undefined;
  chains: number;
  auth: 'off';
  kekFile: string;
  origin: string;
  maxBodyBytes: number;
  logLevel: LogLevel;
  /** Undefined: nothing is traced. */
  tracing: TracingConfig | undefined;
  /** Counts under it are hidden, at least. */
  countThreshold: number;
  /** The topic `chartledger.changes`; undefined where nothing is published. */
  changes: ChangesConfig | undefined;
}

/** How events of accepted versions are published, where the ledger is over Kafka. */
export interface ChangesConfig {
  topic: string;
  /** Of a topic that is made; -1 keeps everything. */
  retentionHours: number;
  compression: 'none' | 'gzip';
}

export type LogLevel = (typeof LOG_LEVELS)[number];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** Nothing but this machine may talk to a server that does not ask who is speaking. */
const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 8080;
const DEFAULT_DATA_DIR = './data';
/** One chain keeps one order over all sources; more are for sources that outgrow one writer. */
const DEFAULT_CHAINS = 1;
/** A Kafka topic of this system has at most as many partitions; beyond it a chain per source is the wrong tool. */
const MAX_CHAINS = 1024;
const DEFAULT_ORIGIN = 'chartledger.local';
/** The largest Synthea bundle of a long life is some 40 MB; above it a feed should send several bundles. */
const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;

/** No cell of 1 to 10: Medicare's rule for what is published about patients (CMS cell size suppression policy). */
const LEAST_COUNT_THRESHOLD = 11;
/** Above it next to nothing is told; a mistake in the variable is likelier. */
const MAX_COUNT_THRESHOLD = 10_000;

const DEFAULT_CHANGES_TOPIC = 'chartledger.changes';
/** 30 days: longer than a consumer is down by mistake. What is gone is made anew from the ledger. */
const DEFAULT_CHANGES_RETENTION_HOURS = 720;
/** A hundred years. */
const MAX_RETENTION_HOURS = 876_600;
/** Kafka's rule for names of topics. */
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/;

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
/** tlog-checkpoint: an origin is one line; the note format forbids spaces and plus signs in a key's name. */
const ORIGIN = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/;

/**
 * Reads and validates the environment.
 * @throws ConfigurationError that names the variable, what it holds (unless secret) and what it may hold.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()): Config {
  refuseLaterFeatures(env);
  const host = text(env, 'HOST', DEFAULT_HOST);
  if (!LOOPBACK.has(host)) {
    throw new ConfigurationError(
      `HOST is ${host}, but this version has no access control and binds to loopback only: set HOST to 127.0.0.1, ::1 or localhost`,
    );
  }
  const dataDir = path(cwd, text(env, 'CHARTLEDGER_DATA_DIR', DEFAULT_DATA_DIR));
  const origin = text(env, 'CHARTLEDGER_ORIGIN', DEFAULT_ORIGIN);
  if (!ORIGIN.test(origin))
    throw new ConfigurationError(`CHARTLEDGER_ORIGIN is ${origin}: it may hold letters, digits and . _ / - only`);
  return {
    host,
    port: integer(env, 'PORT', DEFAULT_PORT, 0, 65_535),
    dataDir,
    databaseUrl: env['DATABASE_URL'] || undefined,
    kafka: readKafkaConfig(env, cwd),
    advertisedUrl: advertisedUrl(env),
    chains: integer(env, 'CHARTLEDGER_CHAINS', DEFAULT_CHAINS, 1, MAX_CHAINS),
    auth: 'off',
    kekFile: path(cwd, text(env, 'CHARTLEDGER_KEK_FILE', join(dataDir, 'keys', 'kek'))),
    origin,
    maxBodyBytes: integer(env, 'CHARTLEDGER_MAX_BODY_BYTES', DEFAULT_MAX_BODY_BYTES, 1024, 1024 * 1024 * 1024),
    logLevel: oneOf(env, 'CHARTLEDGER_LOG_LEVEL', LOG_LEVELS, 'warn'),
    tracing: readTracingConfig(env),
    countThreshold: integer(
      env,
      'CHARTLEDGER_COUNT_THRESHOLD',
      LEAST_COUNT_THRESHOLD,
      LEAST_COUNT_THRESHOLD,
      MAX_COUNT_THRESHOLD,
    ),
    changes: changesConfig(env),
  };
}

function changesConfig(env: NodeJS.ProcessEnv): ChangesConfig | undefined {
  if (oneOf(env, 'CHARTLEDGER_CHANGES', ['on', 'off'] as const, 'on') === 'off') return undefined;
  const topic = text(env, 'CHARTLEDGER_CHANGES_TOPIC', DEFAULT_CHANGES_TOPIC);
  if (!TOPIC.test(topic))
    throw new ConfigurationError(`CHARTLEDGER_CHANGES_TOPIC is ${topic}: it may hold letters, digits and . _ - only`);
  const retention = 'CHARTLEDGER_CHANGES_RETENTION_HOURS';
  const retentionHours =
    env[retention] === '-1' ? -1 : integer(env, retention, DEFAULT_CHANGES_RETENTION_HOURS, 1, MAX_RETENTION_HOURS);
  // Unlike the ledger's ciphertext, events compress to a third.
  const compression = oneOf(env, 'CHARTLEDGER_CHANGES_COMPRESSION', ['none', 'gzip'] as const, 'gzip');
  return { topic, retentionHours, compression };
}

/** The configuration as its variables, with the password of DATABASE_URL hidden. */
export function describeConfig(config: Config): Record<string, string> {
  return {
    HOST: config.host,
    PORT: String(config.port),
    CHARTLEDGER_DATA_DIR: config.dataDir,
    DATABASE_URL: config.databaseUrl
      ? hidePassword(config.databaseUrl)
      : '(none: embedded PostgreSQL under the data directory)',
    ...describeKafka(config.kafka),
    CHARTLEDGER_ADVERTISED_URL: config.advertisedUrl ?? '(the address that it listens on)',
    CHARTLEDGER_CHAINS: String(config.chains),
    CHARTLEDGER_AUTH: config.auth,
    CHARTLEDGER_KEK_FILE: config.kekFile,
    CHARTLEDGER_ORIGIN: config.origin,
    CHARTLEDGER_MAX_BODY_BYTES: String(config.maxBodyBytes),
    CHARTLEDGER_LOG_LEVEL: config.logLevel,
    ...describeTracing(config.tracing),
    CHARTLEDGER_COUNT_THRESHOLD: String(config.countThreshold),
    CHARTLEDGER_CHANGES: config.changes ? 'on' : 'off',
    ...(config.changes && {
      CHARTLEDGER_CHANGES_TOPIC: config.changes.topic,
      CHARTLEDGER_CHANGES_RETENTION_HOURS: String(config.changes.retentionHours),
      CHARTLEDGER_CHANGES_COMPRESSION: config.changes.compression,
    }),
  };
}

function refuseLaterFeatures(env: NodeJS.ProcessEnv): void {
  const auth = env['CHARTLEDGER_AUTH'];
  if (auth && auth !== 'off') {
    throw new ConfigurationError(
      `CHARTLEDGER_AUTH is ${auth}, but this version has no access control yet: unset it, or set it to off (the server then binds to loopback only)`,
    );
  }
}

function advertisedUrl(env: NodeJS.ProcessEnv): string | undefined {
  const value = env['CHARTLEDGER_ADVERTISED_URL'];
  if (!value) return undefined;
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new ConfigurationError(
      `CHARTLEDGER_ADVERTISED_URL is ${value}: it must be the http or https URL under which gateways reach this process`,
    );
  }
  return value.replace(/\/$/, '');
}

function hidePassword(url: string): string {
  return url.replace(/(:\/\/[^:@/]*):[^@]*@/, '$1:***@');
}

/** The environment of a server that this process starts: what a program needs to run, and of ours only what is set here. */
export function childEnvironment(set: Record<string, string>, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(([name]) => !/^(CHARTLEDGER_|HOST$|PORT$|DATABASE_URL$|KAFKA_)/.test(name));
  return { ...Object.fromEntries(others), ...set };
}
