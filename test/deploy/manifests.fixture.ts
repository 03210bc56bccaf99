import { join } from 'node:path';
import { KUBERNETES, readYaml, type Json } from './files.fixture.js';

export const OVERLAYS = ['small', 'production'] as const;
export type Overlay = (typeof OVERLAYS)[number];
export const STAGES = ['gateway', 'sequencer', 'projector', 'query'];

/** What an overlay amounts to. `kustomizations.unit.spec.ts` holds it to the files that it is made from. */
export function rendered(overlay: Overlay): Json[] {
  return readYaml(join(KUBERNETES, 'rendered', `${overlay}.yaml`));
}

export function ofKind(objects: Json[], kind: string): Json[] {
  return objects.filter((object) => object.kind === kind);
}

export function named(objects: Json[], kind: string, name: string): Json {
  const found = ofKind(objects, kind).find((object) => object.metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

/** The Deployments and StatefulSets. */
export function workloads(objects: Json[]): Json[] {
  return [...ofKind(objects, 'Deployment'), ...ofKind(objects, 'StatefulSet')];
}

/** Those that run the program. */
export function processes(objects: Json[]): Json[] {
  return workloads(objects).filter(({ metadata }) => STAGES.includes(metadata.name));
}

/** All containers of a workload, sidecars first, each with the name of both. */
export function containers(workload: Json): [string, Json][] {
  const { initContainers = [], containers: main } = workload.spec.template.spec;
  return [...initContainers, ...main].map((container: Json) => [
    `${workload.metadata.name}/${container.name}`,
    container,
  ]);
}

/** What the process of a workload finds in its environment; a value from elsewhere is replaced by `of`. */
export function environmentOf(workload: Json, objects: Json[], of: (name: string) => string): Record<string, string> {
  const container = workload.spec.template.spec.containers[0];
  const environment: Record<string, string> = {};
  for (const { configMapRef } of container.envFrom ?? []) {
    Object.assign(environment, named(objects, 'ConfigMap', configMapRef.name).data);
  }
  for (const { name, value } of container.env ?? []) {
    environment[name] = value === undefined ? of(name) : expanded(String(value), environment);
  }
  return environment;
}

/** As Kubernetes does it: only what was defined before. */
function expanded(value: string, environment: Record<string, string>): string {
  return value.replace(/\$\(([^)]+)\)/g, (whole, name: string) => environment[name] ?? whole);
}

/** Whether the labels are among those that a selector asks for. */
export function selects(selector: Json, labels: Record<string, string>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }: Json) => {
      if (operator !== 'In') throw new Error(`operator ${operator} is not known here`);
      return values.includes(labels[key]);
    })
  );
}
