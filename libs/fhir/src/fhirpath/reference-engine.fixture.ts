import { referenceType } from '../reference/reference-type.js';
import { literalReference } from './types.js';

/**
 * Fixture of the specs: fhirpath.js, made to answer what R4's search expressions mean. The specs hand it in, so that no
 * file but a spec depends on it.
 */
export interface FhirpathJs {
  compile(expression: string, model: never, options: never): unknown;
}

/** Compiles an expression with fhirpath.js. */
export type CompileReference = (expression: string) => (resource: unknown) => unknown[];

/** What fhirpath.js hands to a function that takes its own structures: the value and what is known of its place. */
interface ResourceNode {
  ctx: unknown;
  data: unknown;
  constructor: new (ctx: unknown, data: unknown) => ResourceNode;
}

/**
 * fhirpath.js fetches what resolve() asks for; here it makes a resource of the type that the reference's text says, so
 * that `is T` on it is decided by fhirpath.js.
 */
function resolve(nodes: readonly ResourceNode[]): ResourceNode[] {
  return nodes.flatMap((node) => {
    const reference = literalReference(node.data);
    const type = reference === undefined ? undefined : referenceType(reference);
    return type === undefined ? [] : [new node.constructor(node.ctx, { resourceType: type })];
  });
}

const userInvocationTable = { resolve: { fn: resolve, arity: { 0: [] }, internalStructures: true } };

/**
 * R4's expressions use `as` on several items, which fhirpath.js refuses by the rule of FHIRPath 2; later versions of
 * FHIR write ofType() in the same places.
 */
function withOfType(expression: string): string {
  return expression.replace(/\.as\(/g, '.ofType(').replace(/\b([A-Z][\w.]*) as (\w+)/g, '$1.ofType($2)');
}

/** fhirpath.js with a model of R4 as the engine that the subset is held to. */
export function referenceEngine(fhirpath: FhirpathJs, model: unknown): CompileReference {
  return (expression) => {
    const options = { userInvocationTable } as never;
    return fhirpath.compile(withOfType(expression), model as never, options) as (resource: unknown) => unknown[];
  };
}
