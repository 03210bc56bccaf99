import { type Expression } from './expression.js';

/**
 * The types that every item of a collection is one of, by their paths in the definitions: Observation.component,
 * Quantity, dateTime. Undefined where the text of an expression does not tell.
 */
export type StaticTypes = readonly string[] | undefined;

/** A variable of the caller: `%name`. */
export interface Variable {
  value: unknown;
  types: StaticTypes;
}

/** What is known of `this` at a place of an expression before any resource is seen. */
export interface Scope {
  /** The type of the resource that `this` is, where the caller says it. Paths that begin with another then fold away. */
  readonly resource?: string;
  /** The types that `this` is one of. */
  readonly types: StaticTypes;
  readonly variables: ReadonlyMap<string, Variable>;
  /** What staticTypes has answered in this scope. */
  readonly known: Map<Expression, StaticTypes>;
  /** Takes what the definitions do not have: `HumanName has no element famly`. */
  readonly unknownElements: Set<string>;
}
