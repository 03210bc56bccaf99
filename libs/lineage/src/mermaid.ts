import { type Graph } from './graph.js';
import { nodeId, nodeLabel, nodePosition, type GraphNode } from './graph-node.js';

/** The graph as the text of a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html). */
export function toMermaid({ asOf, nodes, edges, truncated }: Graph): string {
  const names = new Map(nodes.map((node, index) => [nodeId(node), `n${index}`]));
  const positions = [...asOf].map(([chain, seq]) => `${chain}:${seq}`).join(',');
  return [
    'flowchart LR',
    `%% as of ${positions}${truncated ? ', cut: there is more' : ''}`,
    ...nodes.map((node, index) => `  n${index}${shape(node)}`),
    ...edges.map(({ from, to, kind }) => `  ${names.get(from)} -->|${kind}| ${names.get(to)}`),
    '',
  ].join('\n');
}

function shape(node: GraphNode): string {
  const position = nodePosition(node);
  const text = `"${escape(nodeLabel(node))}${position === null ? '' : `<br/>${position}`}"`;
  switch (node.kind) {
    case 'client':
      return `([${text}])`;
    case 'submission':
      return `[[${text}]]`;
    case 'record':
      return `[${text}]`;
  }
}

/** Everything that could mean something to Mermaid or to HTML becomes an entity code. */
function escape(text: string): string {
  return text.replace(/[^A-Za-z0-9 .,/_-]/gu, (character) => `#${character.codePointAt(0)};`);
}
