import { parser } from '@prometheus-io/lezer-promql';

/** What a PromQL expression reads: a metric and the labels by which it chooses. */
export interface Selector {
  metric: string;
  labels: string[];
}

/** @throws Error for what is not PromQL. Variables of Grafana must be put in before. */
export function selectorsOf(expression: string): Selector[] {
  const selectors: Selector[] = [];
  let isWrong = false;
  parser.parse(expression).iterate({
    enter: ({ type, node }) => {
      if (type.isError) isWrong = true;
      if (type.name !== 'VectorSelector') return;
      const text = (name: string): string[] =>
        node
          .getChildren(name)
          .flatMap((child) => (name === 'Identifier' ? [child] : child.getChildren('UnquotedLabelMatcher')))
          .map((child) => (name === 'Identifier' ? child : child.getChild('LabelName')!))
          .map(({ from, to }) => expression.slice(from, to));
      selectors.push({ metric: text('Identifier')[0], labels: text('LabelMatchers') });
    },
  });
  if (isWrong) throw new Error(`not PromQL: ${expression}`);
  return selectors;
}

/** The labels by which an expression groups or joins. */
export function groupingsOf(expression: string): string[] {
  const labels: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ type, node }) => {
      if (type.name !== 'GroupingLabels') return;
      labels.push(...node.getChildren('LabelName').map(({ from, to }) => expression.slice(from, to)));
    },
  });
  return labels;
}
