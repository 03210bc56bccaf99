import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needsOf } from '@chartledger/ledger-kafka';
import { readConfig } from '@chartledger/platform';
import { REPOSITORY, type Json } from './files.fixture.js';
import { environmentOf, named, ofKind, OVERLAYS, processes, rendered } from './manifests.fixture.js';

/** Read by nobody: they stand in the value of another one, or of no one. */
const PARTS = ['POD_NAME', 'POD_NAMESPACE', 'DATABASE_USER', 'DATABASE_PASSWORD'];

/** Each variable that the program reads. */
function known(): Set<string> {
  const sources = ['config.ts', 'kafka-config.ts'].map((file) =>
    readFileSync(join(REPOSITORY, 'libs/platform/src', file), 'utf8'),
  );
  return new Set(sources.join().match(/\b(HOST|PORT|DATABASE_URL|KAFKA_BROKERS|CHARTLEDGER_[A-Z_]+)\b/g));
}

/** Of libs/database: what a process may hold open, and one more while it brings the schema up to date. */
function connectionsOfOne(): number {
  const source = readFileSync(join(REPOSITORY, 'libs/database/src/data-source.ts'), 'utf8');
  return Number(/POOL_SIZE = (\d+)/.exec(source)![1]) + 1;
}

/** Where a file of a container comes from: the secret that is mounted there, and whether it is read-only. */
function mountOf(workload: Json, path: string): { secret: string; key: string } | undefined {
  const { containers, volumes } = workload.spec.template.spec;
  const mount = containers[0].volumeMounts.find((one: Json) => path.startsWith(`${one.mountPath}/`));
  const volume = volumes.find(({ name }: Json) => name === mount?.name);
  return volume?.secret && { secret: volume.secret.secretName, key: path.slice(mount.mountPath.length + 1) };
}

describe.each(OVERLAYS)('the environment of %s', (overlay) => {
  const objects = rendered(overlay);
  const topic = named(objects, 'KafkaTopic', 'chartledger-ledger');
  const config = (workload: Json): ReturnType<typeof readConfig> =>
    readConfig(environmentOf(workload, objects, (name) => `a-${name}`));

  it.each(processes(objects).map((workload) => [workload.metadata.name, workload]))(
    'is taken by %s',
    (name, workload) => {
      const environment = environmentOf(workload, objects, (variable) => `a-${variable}`);
      const names = known();
      expect(Object.keys(environment).filter((one) => !names.has(one) && !PARTS.includes(one))).toEqual([]);
      expect(Object.values(environment).join()).not.toContain('$(');
      const { host, port, dataDir, databaseUrl, kafka, advertisedUrl } = config(workload);
      // The door knocks there (deploy/proxy/door.cfg).
      expect(readFileSync(join(REPOSITORY, 'deploy/proxy/door.cfg'), 'utf8')).toContain(
        `server process ${host}:${port}`,
      );
      expect(dataDir).toBe('/data');
      expect(databaseUrl).toMatch(
        /^postgresql:\/\/a-DATABASE_USER:a-DATABASE_PASSWORD@chartledger-db-rw:5432\/chartledger\?sslmode=verify-full/,
      );
      expect(kafka).toMatchObject({
        brokers: ['chartledger-kafka-kafka-bootstrap:9093'],
        tls: {},
        sasl: { username: 'chartledger' },
      });
      expect(advertisedUrl).toBe(
        name === 'sequencer' ? 'http://a-POD_NAME.sequencer.a-POD_NAMESPACE.svc:8080' : undefined,
      );
    },
  );

  it('names files that secrets bring', () => {
    for (const workload of processes(objects)) {
      const { kafka, databaseUrl, kekFile } = config(workload);
      const ca = new URL(databaseUrl!).searchParams.get('sslrootcert')!;
      const { passwordFile } = kafka!.sasl as { passwordFile: string };
      expect([kekFile, ca, kafka!.tls!.caFile!, passwordFile].map((file) => mountOf(workload, file))).toEqual([
        { secret: 'chartledger-keys', key: 'kek' },
        { secret: 'chartledger-db-ca', key: 'ca.crt' },
        { secret: 'chartledger-kafka-cluster-ca-cert', key: 'ca.crt' },
        { secret: 'chartledger', key: 'password' },
      ]);
    }
  });

  it('is that of the topic: as it is needed, one partition for each chain and one for the system', () => {
    const { chains, kafka } = config(processes(objects)[0]);
    expect(topic.spec).toMatchObject({
      topicName: kafka!.topic,
      partitions: chains + 1,
      replicas: kafka!.replicationFactor,
    });
    const settings = Object.entries(topic.spec.config).map(([name, value]) => [name, String(value)]);
    expect(Object.fromEntries(settings)).toEqual(
      Object.fromEntries(needsOf(topic.spec.replicas).map(({ name, value }) => [name, value])),
    );
  });

  it('is that of the brokers: as many as there are copies, and records as large as the topic takes', () => {
    const { config: broker } = named(objects, 'Kafka', 'chartledger-kafka').spec.kafka;
    const pools = ofKind(objects, 'KafkaNodePool').filter(({ spec }) => spec.roles.includes('broker'));
    expect(pools.map(({ spec }) => spec.replicas)).toEqual([topic.spec.replicas]);
    expect(broker['replica.fetch.max.bytes']).toBeGreaterThan(topic.spec.config['max.message.bytes']);
    expect(broker['min.insync.replicas']).toBe(topic.spec.config['min.insync.replicas']);
    expect([broker['auto.create.topics.enable'], broker['unclean.leader.election.enable']]).toEqual([false, false]);
  });

  it('lets the user of Kafka read and write that topic, and shorten none', () => {
    const [{ resource, operations }, ...others] = named(objects, 'KafkaUser', 'chartledger').spec.authorization.acls;
    expect(others).toEqual([]);
    expect(topic.spec.topicName.startsWith(resource.name) && resource.patternType).toBe('prefix');
    expect(operations.sort()).toEqual(['Describe', 'DescribeConfigs', 'Read', 'Write']);
  });

  it('leaves a connection to the database for every process that there may be', () => {
    const most = processes(objects).map(({ metadata, spec }) => {
      const scaled = ofKind(objects, 'HorizontalPodAutoscaler').find((one) => one.metadata.name === metadata.name);
      return (scaled?.spec.maxReplicas ?? spec.replicas) + 1; // One more while a new version rolls out.
    });
    const { postgresql } = named(objects, 'Cluster', 'chartledger-db').spec;
    const all = most.reduce((sum, one) => sum + one, 0) * connectionsOfOne();
    expect(Number(postgresql.parameters.max_connections)).toBeGreaterThanOrEqual(all);
  });
});
