import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeConfig, readConfig } from './config.js';
import { ConfigurationError } from './errors.js';

describe('readConfig', () => {
  it('has the defaults of the documentation', () => {
    expect(readConfig({}, '/srv/app')).toEqual({
      host: '127.0.0.1',
      port: 8080,
      countThreshold: 11,
      dataDir: '/srv/app/data',
      databaseUrl: undefined,
      kafka: undefined,
      advertisedUrl: undefined,
      chains: 1,
      auth: 'off',
      kekFile: '/srv/app/data/keys/kek',
      origin: 'chartledger.local',
      maxBodyBytes: 64 * 1024 * 1024,
      logLevel: 'warn',
      tracing: undefined,
      changes: { topic: 'chartledger.changes', retentionHours: 720, compression: 'gzip' },
    });
  });

  it('takes what is set, and an empty value as none', () => {
    const env = {
      PORT: '0',
      HOST: '::1',
      CHARTLEDGER_DATA_DIR: '/var/lib/c',
      CHARTLEDGER_CHAINS: '4',
      DATABASE_URL: '',
    };
    expect(readConfig(env, '/')).toMatchObject({
      port: 0,
      host: '::1',
      dataDir: '/var/lib/c',
      kekFile: '/var/lib/c/keys/kek',
      chains: 4,
      databaseUrl: undefined,
    });
  });

  it.each([
    ['PORT', ['-1', '65536', '80a', '1e3', ' 80', '0x50', '1.5']],
    ['CHARTLEDGER_CHAINS', ['0', '1025', 'two']],
    ['CHARTLEDGER_MAX_BODY_BYTES', ['1', '64MB']],
    ['CHARTLEDGER_ORIGIN', ['a b', 'a+b', '/x', 'a\nb', 'ü']],
    ['CHARTLEDGER_LOG_LEVEL', ['loud']],
    ['HOST', ['0.0.0.0', '10.0.0.1', 'example.org']],
    ['CHARTLEDGER_AUTH', ['on', 'yes']],
    ['KAFKA_BROKERS', ['localhost', 'a:1,', 'a:1 b:2', ',']],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', ['collector:4318', 'collector', '//x']],
    ['CHARTLEDGER_ADVERTISED_URL', ['sequencer-0', 'ftp://sequencer-0/', '//x']],
  ])('refuses a %s that cannot be, and names it', (name, values) => {
    for (const value of values) {
      const read = (): unknown => readConfig({ [name]: value }, '/');
      expect(read).toThrow(ConfigurationError);
      expect(read).toThrow(name);
    }
  });

  it('takes how changes are published', () => {
    expect(readConfig({ CHARTLEDGER_CHANGES: 'off' }, '/').changes).toBeUndefined();
    const set = { CHARTLEDGER_CHANGES_RETENTION_HOURS: '-1', CHARTLEDGER_CHANGES_COMPRESSION: 'none' };
    expect(readConfig(set, '/').changes).toMatchObject({ retentionHours: -1, compression: 'none' });
    expect(() => readConfig({ CHARTLEDGER_CHANGES_TOPIC: 'a topic' }, '/')).toThrow(/CHARTLEDGER_CHANGES_TOPIC/);
    expect(() => readConfig({ CHARTLEDGER_CHANGES_RETENTION_HOURS: '-2' }, '/')).toThrow(/RETENTION_HOURS/);
  });

  it('never shows the password of DATABASE_URL', () => {
    const password = fc.stringMatching(/^[A-Za-z0-9%:._~-]{8,30}$/);
    fc.assert(
      fc.property(password, (secret) => {
        const config = readConfig({ DATABASE_URL: `postgres://owner:${secret}@db.example:5432/ledger` }, '/');
        const shown = describeConfig(config);
        expect(JSON.stringify(shown)).not.toContain(secret);
        expect(shown.DATABASE_URL).toBe('postgres://owner:***@db.example:5432/ledger');
      }),
    );
  });

  it('shows every variable', () => {
    const shown = Object.keys(describeConfig(readConfig({}, '/')));
    for (const name of [
      'HOST',
      'PORT',
      'CHARTLEDGER_DATA_DIR',
      'DATABASE_URL',
      'KAFKA_BROKERS',
      'CHARTLEDGER_CHAINS',
      'CHARTLEDGER_AUTH',
      'CHARTLEDGER_KEK_FILE',
      'CHARTLEDGER_ORIGIN',
    ]) {
      expect(shown).toContain(name);
    }
  });
});

describe('the Kafka of readConfig', () => {
  const brokers = { KAFKA_BROKERS: 'a:9092, b:9092,c:9092,d:9092' };

  it('has defaults that survive the loss of a broker', () => {
    expect(readConfig(brokers, '/').kafka).toEqual({
      brokers: ['a:9092', 'b:9092', 'c:9092', 'd:9092'],
      topic: 'chartledger.ledger',
      replicationFactor: 3,
      compression: 'none',
    });
    expect(readConfig({ KAFKA_BROKERS: 'a:9092' }, '/').kafka?.replicationFactor).toBe(1);
  });

  it('takes files for secrets, and shows no secret', () => {
    const env = {
      ...brokers,
      CHARTLEDGER_KAFKA_TLS: 'on',
      CHARTLEDGER_KAFKA_CA_FILE: 'ca.pem',
      CHARTLEDGER_KAFKA_SASL_MECHANISM: 'scram-sha-512',
      CHARTLEDGER_KAFKA_SASL_USERNAME: 'chartledger',
      CHARTLEDGER_KAFKA_SASL_PASSWORD_FILE: '/run/secrets/kafka',
    };
    const config = readConfig(env, '/etc');
    expect(config.kafka).toMatchObject({
      tls: { caFile: '/etc/ca.pem' },
      sasl: { mechanism: 'scram-sha-512', username: 'chartledger', passwordFile: '/run/secrets/kafka' },
    });
    expect(describeConfig(config)).toMatchObject({
      KAFKA_BROKERS: 'a:9092,b:9092,c:9092,d:9092',
      CHARTLEDGER_KAFKA_SASL_MECHANISM: 'scram-sha-512',
    });
  });

  it.each([
    ['CHARTLEDGER_KAFKA_SASL_USERNAME', { CHARTLEDGER_KAFKA_SASL_MECHANISM: 'scram-sha-256' }],
    ['CHARTLEDGER_KAFKA_OAUTH_TOKEN_URL', { CHARTLEDGER_KAFKA_SASL_MECHANISM: 'oauthbearer' }],
    ['CHARTLEDGER_KAFKA_SASL_MECHANISM', { CHARTLEDGER_KAFKA_SASL_MECHANISM: 'plain' }],
    ['CHARTLEDGER_KAFKA_TOPIC', { CHARTLEDGER_KAFKA_TOPIC: 'a b' }],
    ['CHARTLEDGER_KAFKA_COMPRESSION', { CHARTLEDGER_KAFKA_COMPRESSION: 'zstd' }],
    ['CHARTLEDGER_KAFKA_REPLICATION_FACTOR', { CHARTLEDGER_KAFKA_REPLICATION_FACTOR: '0' }],
    ['CHARTLEDGER_KAFKA_TLS', { CHARTLEDGER_KAFKA_TLS: 'yes' }],
  ])('says what is wrong with %s', (name, env) => {
    expect(() => readConfig({ ...brokers, ...env }, '/')).toThrow(name);
  });
});
