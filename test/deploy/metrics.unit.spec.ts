import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addPoolMetrics } from '@chartledger/database';
import { addLedgerMetrics } from '@chartledger/ledger-kafka';
import { Metrics } from '@chartledger/platform';
import { addPopulationMetrics } from '@chartledger/population';
import { addKeyMetrics } from '@chartledger/security';
import { Pool } from 'pg';
import { addGauges } from '../../apps/chartledger/src/gauges.js';
import { DEPLOY, readYaml, type Json } from './files.fixture.js';
import { groupingsOf, selectorsOf } from './promql.fixture.js';

/** What Prometheus itself, its operator and kube-state-metrics give every series or make of their own. */
const TARGET_LABELS = ['namespace', 'job', 'pod', 'container', 'resource'];
const OTHERS = ['up', 'kube_pod_container_resource_limits'];

/** The names under which a process exports, each with its labels. */
function exported(): Map<string, string[]> {
  const metrics = new Metrics();
  addGauges(metrics, { all: () => [] }, new Map(), new Map());
  addPoolMetrics(metrics, new Pool());
  addKeyMetrics(metrics, { lookups: { cache: 0, store: 0, made: 0 } });
  addPopulationMetrics(metrics, { gauges: async () => undefined });
  addLedgerMetrics(metrics, { rejectsOfOpen: async () => new Map() });
  const names = new Map<string, string[]>();
  for (const metric of metrics.registry.getMetricsAsArray() as Json[]) {
    const isHistogram = metric.type === 'histogram' || metric.type === 'summary' || metric.buckets !== undefined;
    const labels: string[] = metric.labelNames ?? [];
    names.set(metric.name, labels);
    if (isHistogram || /duration_seconds$/.test(metric.name)) {
      for (const suffix of ['bucket', 'sum', 'count']) {
        names.set(`${metric.name}_${suffix}`, suffix === 'bucket' ? [...labels, 'le'] : labels);
      }
    }
  }
  return names;
}

const names = exported();

/** What is wrong with an expression, in words. */
function faultsOf(expression: string): string[] {
  const selectors = selectorsOf(expression);
  const wrong = selectors.flatMap(({ metric, labels }) => {
    const own = names.get(metric) ?? (OTHERS.includes(metric) ? [] : undefined);
    if (own === undefined) return [`nothing exports ${metric}`];
    return labels
      .filter((label) => ![...own, ...TARGET_LABELS].includes(label))
      .map((label) => `${metric} has no ${label}`);
  });
  const all = selectors.flatMap(({ metric }) => names.get(metric) ?? []);
  const groupings = groupingsOf(expression).filter((label) => ![...all, ...TARGET_LABELS].includes(label));
  return [...wrong, ...groupings.map((label) => `nothing there has ${label}`)];
}

const dashboard: Json = JSON.parse(readFileSync(join(DEPLOY, 'grafana/chartledger.json'), 'utf8'));
const panels: Json[] = dashboard.panels.filter(({ type }: Json) => type !== 'row');
const shown: [string, string][] = panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }: Json) => [title, expr.replaceAll('$__rate_interval', '1m')]),
);
const [rules] = readYaml(join(DEPLOY, 'kubernetes/components/monitoring/rules.yaml'));
const alerts: [string, Json][] = rules.spec.groups.flatMap((group: Json) =>
  group.rules.map((rule: Json) => [rule.alert, rule]),
);
const [scaler] = readYaml(join(DEPLOY, 'kubernetes/components/keda/projector.yaml'));

describe('the dashboard', () => {
  it.each(shown)('%s: %s', (_title, expression) => {
    expect(faultsOf(expression)).toEqual([]);
  });

  it('shows every metric that is chartledger’s own', () => {
    const all = shown.map(([, expression]) => expression).join();
    const own = new Metrics().registry.getMetricsAsArray().map(({ name }) => name);
    for (const name of [...own, ...names.keys()].filter((one) =>
      /^chartledger_.*(?<!_bucket|_sum|_count)$/.test(one),
    )) {
      expect(all).toContain(name);
    }
  });

  it('has panels that do not lie on each other, and one id each', () => {
    const taken = new Set<string>();
    for (const { gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken).not.toContain(`${x}/${y}`);
          taken.add(`${x}/${y}`);
        }
      }
    }
    expect(new Set(dashboard.panels.map(({ id }: Json) => id)).size).toBe(dashboard.panels.length);
  });

  it('asks the data source that is chosen, by variables that it has', () => {
    const variables = dashboard.templating.list.map(({ name }: Json) => name);
    const used = [...JSON.stringify(dashboard.panels).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name);
    expect([...new Set(used)].filter((name) => ![...variables, '__rate_interval'].includes(name))).toEqual([]);
    for (const { query } of dashboard.templating.list.slice(1)) {
      const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(query.query)!;
      expect(faultsOf(`sum by (${label}) (${metric})`)).toEqual([]);
    }
  });
});

describe('the alerts', () => {
  it.each(alerts)(
    '%s stands on metrics that there are, and says what to do',
    (_name, { expr, labels, annotations }) => {
      expect(faultsOf(expr)).toEqual([]);
      expect(labels.severity).toMatch(/^(critical|warning)$/);
      expect(annotations.summary.length).toBeGreaterThan(10);
      expect(annotations.description.length).toBeGreaterThan(40);
    },
  );

  it.each(alerts)('%s is explained in the README of deploy', (name) => {
    expect(readFileSync(join(DEPLOY, 'README.md'), 'utf8')).toContain(`\`${name}\``);
  });
});

describe('the scaler of projectors', () => {
  it('stands on a metric that there is', () => {
    expect(faultsOf(scaler.spec.triggers[0].metadata.query)).toEqual([]);
  });
});

describe('the check itself', () => {
  it.each([
    ['sum(chartledger_project_lag)', 'nothing exports chartledger_project_lag'],
    ['sum(chartledger_append_seconds_bucket{stage="a"})', 'chartledger_append_seconds_bucket has no stage'],
    ['sum by (patient) (chartledger_sequence_waiting)', 'nothing there has patient'],
  ])('finds what is wrong with %s', (expression, fault) => {
    expect(faultsOf(expression)).toEqual([fault]);
  });

  it('refuses what is not PromQL', () => {
    expect(() => faultsOf('sum(chartledger_sequence_waiting')).toThrow('not PromQL');
  });
});
