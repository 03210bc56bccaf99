import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needsOf } from '@chartledger/ledger-kafka';
import { readConfig } from '@chartledger/platform';
import { DEPLOY, PROXY, readYaml, REPOSITORY, type Json } from './files.fixture.js';

const FOLDER = join(DEPLOY, 'compose');
const FILES = ['compose.yaml', 'compose.kafka.yaml'];
const PROGRAM = /^dist\/apps\/(\w+)\/src\/main\.js$/;

/** With what the variables of .env.example amount to; one that must be set is `a-NAME`. */
function compose(file: string): Json {
  const text = JSON.stringify(readYaml(join(FOLDER, file))[0]);
  return JSON.parse(
    text.replace(/\$\{(\w+):([-?])([^}]*)\}/g, (_whole, name, kind, rest) => (kind === '-' ? rest : `a-${name}`)),
  );
}

function servicesOf(file: string): [string, Json][] {
  return Object.entries(compose(file).services);
}

/** The services that run the program, with the app that it is. */
function programs(file: string): [string, Json, string][] {
  return servicesOf(file)
    .filter(([, { build }]) => build)
    .map(([name, service]) => [
      name,
      service,
      PROGRAM.exec(service.command?.[0] ?? 'dist/apps/chartledger/src/main.js')?.[1] ?? '',
    ])
    .filter(([, , app]) => app !== '') as [string, Json, string][];
}

describe.each(FILES)('%s', (file) => {
  const { services, volumes } = compose(file);

  it.each(servicesOf(file))('%s can do no more than it must', (_name, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect([service.mem_limit, service.cpus, service.pids_limit]).not.toContain(undefined);
    expect([service.privileged, service.pid, service.ipc, service.cap_add]).toEqual(Array(4).fill(undefined));
    expect(service.network_mode ?? 'none').toMatch(/^(none|service:network)$/);
  });

  it('publishes the way in on this machine only, and nothing else', () => {
    const published = servicesOf(file).flatMap(([name, { ports = [] }]) => ports.map((port: string) => [name, port]));
    expect(published).toEqual([['network', '127.0.0.1:8080:8080']]);
  });

  it.each(servicesOf(file))(
    '%s names what is there',
    (_name, { build, volumes: mounts = [], depends_on = {}, network_mode, healthcheck }) => {
      expect(Object.keys(depends_on).filter((name) => !(name in services))).toEqual([]);
      for (const [name, { condition }] of Object.entries<Json>(depends_on)) {
        if (condition === 'service_healthy') expect(services[name].healthcheck).toBeDefined();
      }
      if (network_mode === 'service:network') expect(depends_on).toHaveProperty('network');
      for (const [source] of mounts.map((mount: string) => mount.split(':'))) {
        expect(source.startsWith('.') ? existsSync(join(FOLDER, source)) : source in volumes).toBe(true);
      }
      if (build) expect(existsSync(join(FOLDER, build.context, build.dockerfile))).toBe(true);
      if (healthcheck) expect(healthcheck.test[0]).toMatch(/^CMD(-SHELL)?$/);
    },
  );

  it.each(programs(file))('%s has a program and an environment that it takes', (_name, service, app) => {
    expect(existsSync(join(REPOSITORY, `apps/${app}/src/main.ts`))).toBe(true);
    expect(readConfig(service.environment)).toMatchObject({ host: '127.0.0.1', dataDir: '/data' });
    expect(service.network_mode).toBe('service:network');
    expect(service.stop_grace_period).toBe('40s');
    expect(service.healthcheck).toBeDefined();
  });

  it('uses each volume', () => {
    const used = servicesOf(file).flatMap(([, { volumes: mounts = [] }]) =>
      mounts.map((mount: string) => mount.split(':')[0]),
    );
    expect(Object.keys(volumes).filter((name) => !used.includes(name))).toEqual([]);
  });
});

describe('compose.kafka.yaml', () => {
  const all = programs('compose.kafka.yaml');
  const config = (service: Json): ReturnType<typeof readConfig> => readConfig(service.environment);

  it('has two of each stage, each on a port of its own', () => {
    expect(all.map(([name]) => name)).toEqual(
      ['gateway', 'sequencer', 'projector', 'query'].flatMap((stage) => [`${stage}-1`, `${stage}-2`]),
    );
    expect(new Set(all.map(([, service]) => config(service).port)).size).toBe(all.length);
  });

  it('has a front that knows where they listen', () => {
    const text = readFileSync(join(PROXY, 'compose.cfg'), 'utf8');
    const known = [...text.matchAll(/^ {2}server (\S+) (\S+)$/gm)].map(([, name, address]) => `${name} ${address}`);
    const readers = all.filter(([, , app]) => app === 'gateway' || app === 'query');
    expect(known).toEqual(readers.map(([name, service]) => `${name} 127.0.0.1:${config(service).port}`));
  });

  it('has brokers that keep what the topic needs', () => {
    const { kafka } = config(all[0][1]);
    expect(kafka!.brokers).toEqual(['kafka-1:9092', 'kafka-2:9092', 'kafka-3:9092']);
    expect(kafka!.replicationFactor).toBe(kafka!.brokers.length);
    const text = readFileSync(join(FOLDER, 'kafka/broker.properties'), 'utf8');
    const properties = new Map([...text.matchAll(/^([\w.]+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
    const needs = new Map(needsOf(kafka!.replicationFactor).map(({ name, value }) => [name, value]));
    expect(properties.get('min.insync.replicas')).toBe(needs.get('min.insync.replicas'));
    expect(properties.get('unclean.leader.election.enable')).toBe(needs.get('unclean.leader.election.enable'));
    expect(Number(properties.get('replica.fetch.max.bytes'))).toBeGreaterThan(Number(needs.get('max.message.bytes')));
    expect(properties.get('auto.create.topics.enable')).toBe('false');
  });

  it('explains each variable that it wants', () => {
    const example = readFileSync(join(FOLDER, '.env.example'), 'utf8');
    const wanted = readFileSync(join(FOLDER, 'compose.kafka.yaml'), 'utf8').match(/\$\{(\w+)/g)!;
    for (const name of new Set(wanted)) expect(example).toMatch(new RegExp(`^${name.slice(2)}=`, 'm'));
  });
});
