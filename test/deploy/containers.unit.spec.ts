import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, type Json } from './files.fixture.js';
import {
  containers,
  named,
  ofKind,
  OVERLAYS,
  processes,
  rendered,
  selects,
  STAGES,
  workloads,
} from './manifests.fixture.js';

/** Made by Strimzi, by CloudNativePG, or by hand as deploy/README.md tells. */
const MADE_ELSEWHERE = {
  chartledger: ['password'],
  'chartledger-kafka-cluster-ca-cert': ['ca.crt'],
  'chartledger-db-app': ['username', 'password'],
  'chartledger-db-ca': ['ca.crt'],
  'chartledger-keys': undefined,
  'chartledger-front-tls': undefined,
};

/** The ports under which a probe, a Service or a policy may speak of a container's port. */
function portsOf(workload: Json): (string | number)[] {
  return containers(workload).flatMap(([, { ports = [] }]) =>
    ports.flatMap(({ name, containerPort }: Json) => [name, containerPort]),
  );
}

describe.each(OVERLAYS)('the pods of %s', (overlay) => {
  const objects = rendered(overlay);
  const all = workloads(objects);
  const each = all.flatMap(containers);

  it('are one of the front and one of each stage', () => {
    expect(all.map(({ metadata }) => metadata.name).sort()).toEqual(['front', ...STAGES].sort());
    expect(each).toHaveLength(1 + 2 * STAGES.length);
  });

  it.each(each)('%s can do no more than it must', (_name, container) => {
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it.each(each)('%s has limits, and memory that is its own', (_name, { resources }) => {
    expect(Object.keys(resources.limits).sort()).toEqual(['cpu', 'memory']);
    expect(resources.requests.cpu).toBeDefined();
    expect(resources.requests.memory).toBe(resources.limits.memory);
  });

  it.each(each)('%s has probes on ports that are there', (name, container) => {
    const ports = portsOf(named(all, all.find((w) => name.startsWith(`${w.metadata.name}/`)).kind, name.split('/')[0]));
    for (const kind of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      const { httpGet, tcpSocket } = container[kind];
      expect(ports).toContain((httpGet ?? tcpSocket).port);
    }
  });

  it.each(each)('%s has an image with a version', (_name, { image }) => {
    expect(image).toMatch(/:[0-9][\w.-]+$/);
  });

  it.each(all.map((workload) => [workload.metadata.name, workload.spec.template.spec]))(
    '%s runs as nobody, under no account',
    (_name, { securityContext, automountServiceAccountToken, ...pod }) => {
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(securityContext.runAsUser).toBeGreaterThan(0);
      expect(automountServiceAccountToken).toBe(false);
      expect([pod.hostNetwork, pod.hostPID, pod.hostIPC, pod.serviceAccountName]).toEqual(Array(4).fill(undefined));
    },
  );

  it.each(processes(objects).map((workload) => [workload.metadata.name, workload]))(
    '%s runs the program of its name behind a door that is there first',
    (name, workload) => {
      const { initContainers, containers: main, terminationGracePeriodSeconds } = workload.spec.template.spec;
      expect(main[0].args).toEqual([`dist/apps/${name}/src/main.js`]);
      expect(existsSync(join(REPOSITORY, `apps/${name}/src/main.ts`))).toBe(true);
      expect(initContainers[0]).toMatchObject({ name: 'door', restartPolicy: 'Always' });
      // The program stops within 25 s (apps/chartledger/src/run.ts).
      const wait = main[0].lifecycle?.preStop.sleep.seconds ?? 0;
      expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(wait + 30);
    },
  );

  it('mount what is defined, or what somebody else is known to make', () => {
    const maps = ofKind(objects, 'ConfigMap').map(({ metadata }) => metadata.name);
    for (const workload of all) {
      const { volumes = [] } = workload.spec.template.spec;
      const claims = (workload.spec.volumeClaimTemplates ?? []).map(({ metadata }: Json) => metadata.name);
      const names = [...volumes.map(({ name }: Json) => name), ...claims];
      for (const [, { volumeMounts, envFrom = [], env = [] }] of containers(workload)) {
        for (const { name } of volumeMounts) expect(names).toContain(name);
        for (const { configMapRef } of envFrom) expect(maps).toContain(configMapRef.name);
        for (const { valueFrom } of env.filter((one: Json) => one.valueFrom?.secretKeyRef)) {
          const { name, key } = valueFrom.secretKeyRef;
          expect(MADE_ELSEWHERE[name as 'chartledger-db-app']).toContain(key);
        }
      }
      for (const { configMap, secret } of volumes) {
        if (configMap) expect(maps).toContain(configMap.name);
        if (secret) {
          expect(Object.keys(MADE_ELSEWHERE)).toContain(secret.secretName);
          const keys = MADE_ELSEWHERE[secret.secretName as 'chartledger-db-ca'];
          expect(secret.items?.map(({ key }: Json) => key)).toEqual(keys);
        }
      }
    }
  });

  it('hold no secret of their own', () => {
    expect(ofKind(objects, 'Secret')).toEqual([]);
  });

  it('are found by Services, budgets and autoscalers', () => {
    for (const { metadata, spec } of ofKind(objects, 'Service')) {
      const found = all.filter((workload) =>
        selects({ matchLabels: spec.selector }, workload.spec.template.metadata.labels),
      );
      expect(found.map((workload) => workload.metadata.name)).toEqual([metadata.name]);
      for (const { targetPort } of spec.ports) expect(portsOf(found[0])).toContain(targetPort);
    }
    for (const workload of all) {
      const { labels } = workload.spec.template.metadata;
      expect(selects(workload.spec.selector, labels)).toBe(true);
      const budgets = ofKind(objects, 'PodDisruptionBudget').filter(({ spec }) => selects(spec.selector, labels));
      expect(budgets.map(({ spec }) => spec.maxUnavailable)).toEqual([1]);
    }
    for (const { spec } of ofKind(objects, 'HorizontalPodAutoscaler')) {
      expect(named(objects, spec.scaleTargetRef.kind, spec.scaleTargetRef.name).spec.replicas).toBeUndefined();
    }
    expect(named(objects, 'StatefulSet', 'sequencer').spec.serviceName).toBe('sequencer');
  });
});
