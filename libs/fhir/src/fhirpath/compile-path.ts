import { type ReferenceTyper } from '../reference/reference-type.js';
import { isResourceType } from '../reference/resource-types.js';
import { compileExpression } from './compile.js';
import { type Environment, type Evaluate, NO_ENVIRONMENT } from './evaluate.js';
import { OutsideSubset } from './outside-subset.js';
import { parseExpression } from './parse.js';
import { type StaticTypes, type Variable } from './scope.js';
import { staticTypes } from './static-types.js';
import { toItems } from './values.js';

export interface PathOptions {
  /**
   * The type of every resource that will be given. Alternatives for other types then fold away, and the resource's own
   * resourceType is not looked at.
   */
  type?: string;
}

/**
 * The items that an expression selects in a parsed JSON resource. MUST NOT be changed: they, and the array itself, may
 * be the resource's. `typeOf` is asked by `resolve() is T` where a reference's text does not say the type.
 */
export type PathEvaluator = (resource: unknown, typeOf?: ReferenceTyper) => readonly unknown[];

/**
 * Compiles FHIRPath (http://hl7.org/fhirpath/N1/, http://hl7.org/fhir/R4/fhirpath.html) to a closure over parsed JSON,
 * if it is of the subset of compileFhirpath.
 * @returns undefined for any other text: the caller then takes fhirpath.js. Never throws.
 */
export function compilePath(expression: string, options: PathOptions = {}): PathEvaluator | undefined {
  const compiled = compileFhirpath(expression, { types: options.type === undefined ? undefined : [options.type] });
  if (!compiled) return undefined;
  const { evaluate } = compiled;
  if (expression.includes('%')) return (resource, typeOf) => toItems(evaluate(resource, { typeOf, resource }));
  return (resource, typeOf) => toItems(evaluate(resource, typeOf ? { typeOf } : NO_ENVIRONMENT));
}

export interface FhirpathOptions {
  /** What the item that an evaluation starts from is one of, by paths of the definitions: Patient, Observation.component. */
  types?: StaticTypes;
  /** The values of `%name`. */
  variables?: ReadonlyMap<string, Variable>;
}

export interface CompiledFhirpath {
  evaluate: (item: unknown, environment: Environment) => unknown;
  /** What the result's items are one of, where the text tells. */
  types: StaticTypes;
  /** What it asks for that FHIR R4 does not have, and so will never find in sound resources. */
  unknownElements: readonly string[];
}

const NO_VARIABLES: ReadonlyMap<string, Variable> = new Map();

/**
 * Compiles FHIRPath to a closure from one item to undefined, one item, or an array of items, if it is of the subset:
 *
 * - paths, indexers that are known before, `|`; a resource type as the first name; `%name`, `%resource`, `%rowIndex`;
 * - `as`, `ofType`, `is` with a resource type, or with a data type on an element;
 * - `where`, `exists`, `empty`, `not`, `first`, `last`, `count`, `join`, `extension('url')`, and `resolve() is T`;
 * - `getResourceKey`, `getReferenceKey`, `lowBoundary` and `highBoundary` of SQL on FHIR;
 * - `and`, `or`, `xor`, `implies`; `=` and `!=` against a literal;
 * - `=`, `!=`, `<`, `<=`, `>`, `>=`, `+`, `-`, `*`, `/` where the definitions tell both sides' types.
 *
 * Where FHIRPath calls for an error at evaluation (several items where one is wanted) the result is empty, or
 * EvaluationError is thrown in a strict environment; `as` selects among several items as ofType does. Numbers may be
 * Decimals (parseLossless).
 * @returns undefined for any other text. Never throws.
 */
export function compileFhirpath(expression: string, options: FhirpathOptions = {}): CompiledFhirpath | undefined {
  const { types, variables = NO_VARIABLES } = options;
  const [only] = types ?? [];
  const resource = types?.length === 1 && only !== undefined && isResourceType(only) ? only : undefined;
  try {
    const unknownElements = new Set<string>();
    const scope = { resource, types, variables, known: new Map(), unknownElements };
    const tree = parseExpression(expression);
    const evaluate: Evaluate = compileExpression(tree, scope);
    return { evaluate, types: staticTypes(tree, scope), unknownElements: [...unknownElements] };
  } catch (error) {
    if (error instanceof OutsideSubset) return undefined;
    throw error;
  }
}
