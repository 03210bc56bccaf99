import { readFileSync } from 'node:fs';
import { type DataSource } from 'typeorm';
import { type DatabaseParts } from '@chartledger/database';
import { type Ledger, type StoredEntry } from '@chartledger/ledger';
import { EmbeddedLedger, ledgerTables } from '@chartledger/ledger-embedded';
import { addLedgerMetrics, KafkaLedger, topicTables, type KafkaOptions } from '@chartledger/ledger-kafka';
import { ConfigurationError, type Config, type KafkaConfig, type Logger, type Metrics } from '@chartledger/platform';

/** The ledger of a configuration. */
export interface OpenLedger {
  ledger: Ledger;
  /** What the store itself holds from `from` on, whatever a stored head or a copy says: what a verification reads. */
  readStored(chain: number, from: number, to?: number): AsyncIterable<StoredEntry[]>;
  addMetrics(metrics: Metrics): void;
  close(): Promise<void>;
}

/** The tables that the driver needs. */
export function driverTables({ kafka }: Config): DatabaseParts {
  return kafka ? topicTables : ledgerTables;
}

/** `source` MUST have the tables of `driverTables`. @throws ConfigurationError, IntegrityError. */
export async function openLedger(config: Config, source: DataSource, logger: Logger): Promise<OpenLedger> {
  if (config.kafka) {
    const ledger = await KafkaLedger.open(source, kafkaOptions(config.kafka), config.chains, logger);
    return {
      ledger,
      readStored: (chain, from, to) => ledger.readTopic(chain, from, to),
      addMetrics: (metrics) => addLedgerMetrics(metrics, ledger),
      close: () => ledger.close(),
    };
  }
  const ledger = await EmbeddedLedger.open(source);
  return {
    ledger,
    readStored: (chain, from, to) => ledger.readTable(chain, from, to),
    addMetrics: () => undefined,
    close: () => ledger.close(),
  };
}

/** With the contents of the files that it names. @throws ConfigurationError for one that cannot be read. */
export function kafkaOptions({ tls, sasl, ...rest }: KafkaConfig): KafkaOptions {
  return {
    ...rest,
    ...(tls
      ? {
          tls: {
            ...(tls.caFile ? { ca: contentOf(tls.caFile) } : {}),
            ...(tls.certFile ? { cert: contentOf(tls.certFile) } : {}),
            ...(tls.keyFile ? { key: contentOf(tls.keyFile) } : {}),
          },
        }
      : {}),
    ...(sasl ? { sasl: saslOptions(sasl) } : {}),
  };
}

function saslOptions(sasl: NonNullable<KafkaConfig['sasl']>): NonNullable<KafkaOptions['sasl']> {
  if (sasl.mechanism !== 'oauthbearer') {
    const { mechanism, username, passwordFile } = sasl;
    return { mechanism, username, password: contentOf(passwordFile).trim() };
  }
  const { clientSecretFile, ...rest } = sasl;
  return { ...rest, clientSecret: contentOf(clientSecretFile).trim() };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigurationError(
      `${file}, which the environment names for Kafka, cannot be read: ${(error as Error).message}`,
    );
  }
}
