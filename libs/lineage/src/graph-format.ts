import { graphAnswer, type Graph } from './graph.js';
import { type GraphFormat } from './lineage.requests.js';
import { toMermaid } from './mermaid.js';
import { toOpenLineage } from './openlineage.js';
import { toProvJson } from './prov-json.js';

export interface Rendered {
  contentType: string;
  body: string;
}

export function renderGraph(graph: Graph, format: GraphFormat): Rendered {
  switch (format) {
    case 'json':
      return json(graphAnswer(graph));
    case 'prov-json':
      return json(toProvJson(graph));
    case 'openlineage':
      return json(toOpenLineage(graph));
    case 'mermaid':
      return { contentType: 'text/plain; charset=utf-8', body: toMermaid(graph) };
  }
}

function json(value: unknown): Rendered {
  return { contentType: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}
