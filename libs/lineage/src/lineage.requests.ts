import { type Way } from './graph.js';
import { parseNodeId, type NodeName } from './graph-node.js';
import { BadRequestError, parameters, type Query } from '@chartledger/platform';

export type GraphFormat = 'json' | 'prov-json' | 'openlineage' | 'mermaid';

export interface GraphQuestion {
  node: NodeName;
  ways: readonly Way[];
  depth: number;
  asOf: string | undefined;
  format: GraphFormat;
}

/** A record, the request that brought it, and who sent that. */
const DEFAULT_DEPTH = 2;
/** Beyond it everything is connected with everything. */
const MAX_DEPTH = 10;
const WAYS: Readonly<Record<string, readonly Way[]>> = { up: ['up'], down: ['down'], both: ['up', 'down'] };
const FORMATS: readonly string[] = ['json', 'prov-json', 'openlineage', 'mermaid'];

/** @throws BadRequestError that names the parameter and what it may be. */
export function parseGraphQuestion(query: Query): GraphQuestion {
  const given = parameters(query, ['node', 'direction', 'depth', 'asOf', 'format']);
  if (given['node'] === undefined) throw new BadRequestError('node is missing: name where the walk starts');
  const { direction = 'both', depth = String(DEFAULT_DEPTH), format = 'json', asOf } = given;
  const ways = Object.hasOwn(WAYS, direction) ? WAYS[direction] : undefined;
  if (!ways) throw new BadRequestError('direction must be up, down or both');
  if (!/^\d{1,2}$/.test(depth) || Number(depth) > MAX_DEPTH) {
    throw new BadRequestError(`depth must be a whole number from 0 to ${MAX_DEPTH}`);
  }
  if (!FORMATS.includes(format)) throw new BadRequestError(`format must be one of ${FORMATS.join(', ')}`);
  return { node: parseNodeId(given['node']), ways, depth: Number(depth), asOf, format: format as GraphFormat };
}

/** @throws BadRequestError. */
export function parseAsOf(query: Query): string | undefined {
  return parameters(query, ['asOf'])['asOf'];
}

export interface SubjectsQuestion {
  report: string;
  count: number;
  after: string | undefined;
}

const DEFAULT_COUNT = 100;
const MAX_COUNT = 1_000;

/** @throws BadRequestError. */
export function parseSubjectsQuestion(report: string, query: Query): SubjectsQuestion {
  const { count = String(DEFAULT_COUNT), after } = parameters(query, ['count', 'after']);
  if (!/^[1-9]\d{0,3}$/.test(count) || Number(count) > MAX_COUNT)
    throw new BadRequestError(`count must be a whole number from 1 to ${MAX_COUNT}`);
  if (after !== undefined && !/^\d{1,18}$/.test(after))
    throw new BadRequestError('after must be what the page before says under next');
  return { report, count: Number(count), after };
}
