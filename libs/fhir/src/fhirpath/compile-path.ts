import { type ReferenceTyper } from '../reference/reference-type.js';
import { compileExpression } from './compile.js';
import { OutsideSubset } from './outside-subset.js';
import { parseExpression } from './parse.js';
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
 * if it is of the plain subset:
 *
 * - paths, indexers with an integer, `|`; a resource type as the first name;
 * - `as`, `ofType`, `is` with a resource type, or with a data type on a choice element;
 * - `where`, `exists`, `empty`, `not`, `first`, `extension('url')`, and `resolve() is T`;
 * - `and`, `or`, `xor`, `implies`; `=` and `!=` against a string, a number, true or false.
 *
 * Where FHIRPath calls for an error at evaluation (several items where one is wanted) the result is empty; `as` selects
 * among several items as ofType does.
 * @returns undefined for any other text: the caller then takes fhirpath.js. Never throws.
 */
export function compilePath(expression: string, options: PathOptions = {}): PathEvaluator | undefined {
  try {
    const evaluate = compileExpression(parseExpression(expression), { type: options.type, path: options.type });
    return (resource, typeOf) => toItems(evaluate(resource, typeOf));
  } catch (error) {
    if (error instanceof OutsideSubset) return undefined;
    throw error;
  }
}
