import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeConfig, readConfig } from './config.js';
import { ConfigurationError } from './errors.js';

describe('readConfig', () => {
  it('has the defaults of the documentation', () => {
    expect(readConfig({}, '/srv/app')).toEqual({
      host: '127.0.0.1',
      port: 8080,
      dataDir: '/srv/app/data',
      databaseUrl: undefined,
      chains: 1,
      auth: 'off',
      kekFile: '/srv/app/data/keys/kek',
      origin: 'chartledger.local',
      maxBodyBytes: 64 * 1024 * 1024,
      logLevel: 'warn',
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
    ['KAFKA_BROKERS', ['localhost:9092']],
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
