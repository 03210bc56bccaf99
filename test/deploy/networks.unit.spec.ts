import { describe, expect, it } from '@jest/globals';
import { type Json } from './files.fixture.js';
import { ofKind, OVERLAYS, rendered, selects, workloads } from './manifests.fixture.js';

/** Others that may try: a pod of somebody else, Prometheus, a broker, a database. */
const OTHERS: Record<string, { labels: Record<string, string>; namespace: string }> = {
  stranger: { labels: { app: 'stranger' }, namespace: 'default' },
  neighbour: { labels: { app: 'neighbour' }, namespace: 'chartledger' },
  prometheus: { labels: { 'app.kubernetes.io/name': 'prometheus' }, namespace: 'monitoring' },
  kafka: {
    labels: { 'strimzi.io/cluster': 'chartledger-kafka', 'strimzi.io/kind': 'Kafka' },
    namespace: 'chartledger',
  },
  postgres: { labels: { 'cnpg.io/cluster': 'chartledger-db' }, namespace: 'chartledger' },
  dns: { labels: { 'k8s-app': 'kube-dns' }, namespace: 'kube-system' },
};

describe.each(OVERLAYS)('the network of %s', (overlay) => {
  const objects = rendered(overlay);
  const policies = ofKind(objects, 'NetworkPolicy');
  const pods: typeof OTHERS = { ...OTHERS };
  for (const { metadata, spec } of workloads(objects)) {
    pods[metadata.name] = { labels: spec.template.metadata.labels, namespace: 'chartledger' };
  }

  function matches(peer: Json, name: string): boolean {
    const { labels, namespace } = pods[name];
    const inNamespace = peer.namespaceSelector
      ? selects(peer.namespaceSelector, { 'kubernetes.io/metadata.name': namespace })
      : namespace === 'chartledger';
    return inNamespace && (!peer.podSelector || selects(peer.podSelector, labels));
  }

  /** NetworkPolicies of one direction: all is allowed unless some policy selects the pod, then what any of them allows. */
  function allows(direction: 'Ingress' | 'Egress', pod: string, other: string, port: number): boolean {
    if (pods[pod].namespace !== 'chartledger') return true;
    const own = policies.filter(
      ({ spec }) => spec.policyTypes.includes(direction) && selects(spec.podSelector, pods[pod].labels),
    );
    const rules = own.flatMap(({ spec }) => spec[direction.toLowerCase()] ?? []);
    return (
      own.length === 0 ||
      rules.some(({ from, to, ports }: Json) => {
        const peers = from ?? to;
        const isPort = !ports || ports.some((one: Json) => one.port === port);
        return isPort && (!peers || peers.some((peer: Json) => matches(peer, other)));
      })
    );
  }

  function reaches(from: string, to: string, port: number): boolean {
    return allows('Egress', from, to, port) && allows('Ingress', to, from, port);
  }

  it('lets each stage reach what it needs', () => {
    const stages = ['gateway', 'sequencer', 'projector', 'query'];
    expect(reaches('front', 'gateway', 8080) && reaches('front', 'query', 8080)).toBe(true);
    expect(reaches('gateway', 'sequencer', 8080)).toBe(true);
    for (const stage of stages) {
      // Into the brokers: by the policies that Strimzi makes.
      expect(allows('Egress', stage, 'kafka', 9093)).toBe(true);
      expect(reaches(stage, 'postgres', 5432)).toBe(true);
      expect(allows('Egress', stage, 'dns', 53)).toBe(true);
    }
    expect(reaches('postgres', 'postgres', 5432)).toBe(true);
  });

  it('lets nobody else reach a stage', () => {
    const allowed = new Set(['front gateway', 'front query', 'gateway sequencer']);
    for (const from of Object.keys(pods)) {
      for (const to of ['gateway', 'sequencer', 'projector', 'query', 'front']) {
        expect([from, to, reaches(from, to, 8080)]).toEqual([from, to, allowed.has(`${from} ${to}`)]);
      }
    }
  });

  it('lets Prometheus reach the operation port only, and nobody else that', () => {
    for (const from of Object.keys(pods)) {
      const isAllowed = overlay === 'production' && from === 'prometheus';
      for (const to of ['gateway', 'sequencer', 'projector', 'query']) {
        expect([from, to, reaches(from, to, 9090)]).toEqual([from, to, isAllowed]);
      }
    }
  });

  it('lets the front be reached over TLS with certificates, or not at all', () => {
    expect(reaches('stranger', 'front', 8443)).toBe(overlay === 'production');
    const bind = workloads(objects)
      .find(({ metadata }) => metadata.name === 'front')
      .spec.template.spec.containers[0].env.find(({ name }: Json) => name === 'FRONT_BIND').value;
    expect(bind).toMatch(overlay === 'production' ? /^:8443 ssl .*\bverify required\b/ : /^127\.0\.0\.1:8080$/);
  });

  it('keeps the database from everybody else', () => {
    for (const from of ['stranger', 'neighbour', 'front', 'prometheus', 'kafka']) {
      expect([from, reaches(from, 'postgres', 5432)]).toEqual([from, false]);
    }
  });
});
