import { type EdgeKind, type Graph, type GraphEdge } from './graph.js';
import { nodeId, nodeLabel, nodePosition, type GraphNode } from './graph-node.js';

type Attributes = Record<string, unknown>;
type Statements = Record<string, Attributes>;

/** A document of PROV-JSON (https://www.w3.org/Submission/prov-json/): kinds of statements, each by identifier. */
export type ProvDocument = Record<string, Statements | Record<string, string>>;

/** Node ids are qualified names with these prefixes. */
const PREFIX = {
  chartledger: 'urn:chartledger:',
  record: 'urn:chartledger:record:',
  person: 'urn:chartledger:person:',
  submission: 'urn:chartledger:submission:',
  client: 'urn:chartledger:client:',
};

/**
 * The graph as PROV-JSON: versions of records are entities, submissions activities, clients agents. A reference is no
 * derivation (two records may refer to each other), so it is the general `wasInfluencedBy`.
 */
export function toProvJson(graph: Graph): ProvDocument {
  const statements = new ProvStatements(graph.nodes);
  for (const node of graph.nodes) statements.declare(node);
  for (const edge of graph.edges) statements.relate(edge);
  for (const [entity, agent] of attributions(graph)) {
    statements.add('wasAttributedTo', { 'prov:entity': entity, 'prov:agent': agent });
  }
  return { prefix: PREFIX, ...statements.document };
}

class ProvStatements {
  readonly document: Record<string, Statements> = {};
  private readonly nodes: ReadonlyMap<string, GraphNode>;
  private relations = 0;

  constructor(nodes: readonly GraphNode[]) {
    this.nodes = new Map(nodes.map((node) => [nodeId(node), node]));
  }

  declare(node: GraphNode): void {
    const position = nodePosition(node);
    const attributes: Attributes = {
      'prov:label': nodeLabel(node),
      ...(position === null ? {} : { 'chartledger:position': position }),
    };
    const name = qualifiedName(nodeId(node));
    switch (node.kind) {
      case 'client':
        return this.put('agent', name, { ...attributes, 'prov:type': qualified('prov:SoftwareAgent') });
      case 'submission':
        return this.put('activity', name, { 'prov:startTime': node.time, 'prov:endTime': node.time, ...attributes });
      case 'record':
        return this.put('entity', name, {
          ...attributes,
          'prov:type': qualified(`chartledger:${node.type}`),
          'chartledger:time': { $: node.time, type: 'xsd:dateTime' },
        });
    }
  }

  relate(edge: GraphEdge): void {
    const from = qualifiedName(edge.from);
    const to = qualifiedName(edge.to);
    const position = { 'chartledger:position': edge.position };
    const [relation, attributes] = RELATIONS[edge.kind](from, to);
    const made = this.nodes.get(edge.to);
    const time = edge.kind === 'contained' && made?.kind === 'record' ? { 'prov:time': made.time } : {};
    this.add(relation, { ...attributes, ...time, ...position });
  }

  add(relation: string, attributes: Attributes): void {
    this.put(relation, `_:r${++this.relations}`, attributes);
  }

  private put(kind: string, name: string, attributes: Attributes): void {
    (this.document[kind] ??= {})[name] = attributes;
  }
}

const RELATIONS: Record<EdgeKind, (from: string, to: string) => [string, Attributes]> = {
  sent: (from, to) => ['wasAssociatedWith', { 'prov:activity': to, 'prov:agent': from }],
  contained: (from, to) => ['wasGeneratedBy', { 'prov:entity': to, 'prov:activity': from }],
  confirmed: (from, to) => ['used', { 'prov:activity': from, 'prov:entity': to }],
  revised: (from, to) => [
    'wasDerivedFrom',
    { 'prov:generatedEntity': to, 'prov:usedEntity': from, 'prov:type': qualified('prov:Revision') },
  ],
  referenced: (from, to) => influence(from, to, 'chartledger:Reference'),
  provenance: (from, to) => influence(from, to, 'chartledger:Provenance'),
  basis: derivation,
  evaluated: derivation,
  counted: derivation,
};

function derivation(from: string, to: string): [string, Attributes] {
  return ['wasDerivedFrom', { 'prov:generatedEntity': to, 'prov:usedEntity': from }];
}

function influence(from: string, to: string, type: string): [string, Attributes] {
  return ['wasInfluencedBy', { 'prov:influencee': to, 'prov:influencer': from, 'prov:type': qualified(type) }];
}

/** Which client each version came from, where the graph says both how it came and who sent that. */
function attributions({ edges }: Graph): [string, string][] {
  const senders = new Map(edges.filter(({ kind }) => kind === 'sent').map(({ from, to }) => [to, from]));
  return edges
    .filter(({ kind, from }) => kind === 'contained' && senders.has(from))
    .map(({ from, to }) => [qualifiedName(to), qualifiedName(senders.get(from)!)]);
}

function qualified(name: string): Attributes {
  return { $: name, type: 'prov:QUALIFIED_NAME' };
}

/** A client's id may hold any text; in a local name of PROV what is no letter, digit or mark is percent-encoded. */
function qualifiedName(id: string): string {
  const colon = id.indexOf(':');
  const local = id
    .slice(colon + 1)
    .split('/')
    .map(encode)
    .join('/');
  return `${id.slice(0, colon)}:${local}`;
}

function encode(text: string): string {
  const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*~]/g, percent);
}
