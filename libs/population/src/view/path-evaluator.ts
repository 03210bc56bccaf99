import { type Environment, EvaluationError, type StaticTypes, type Variable, compileFhirpath } from '@chartledger/fhir';
import { type PathText } from './element-reader.js';
import { compileWithFhirpathJs } from './fhirpath-js.js';
import { RowError } from './view-error.js';

/** Which way expressions are evaluated. */
export type Engine = 'closures' | 'fhirpath.js';

/** A compiled expression of a view: from an item to undefined, one item, or an array of items. */
export interface PathEvaluator {
  evaluate: (item: unknown, environment: Environment) => unknown;
  /** What the result's items are one of, where the text tells. */
  types: StaticTypes;
  engine: Engine;
  /** What it asks for that FHIR R4 does not have. */
  unknownElements: readonly string[];
}

export interface PathContext {
  /** What the items that it starts from are one of. */
  types: StaticTypes;
  variables: ReadonlyMap<string, Variable>;
  /** The only way that is to be taken; without it fhirpath.js is taken for what the closures do not cover. */
  engine?: Engine;
}

/**
 * Compiles an expression that checkExpression has found well.
 * @returns undefined where the one way that was asked for does not cover it.
 */
export function compileEvaluator({ text, place }: PathText, context: PathContext): PathEvaluator | undefined {
  const { types, variables, engine } = context;
  const closure = compileFhirpath(text, { types, variables });
  if (closure && engine !== 'fhirpath.js')
    return { ...closure, evaluate: located(closure.evaluate, place), engine: 'closures' };
  if (engine === 'closures') return undefined;
  const evaluate = located(compileWithFhirpathJs(text, types, variables), place);
  return { evaluate, types: closure?.types, engine: 'fhirpath.js', unknownElements: closure?.unknownElements ?? [] };
}

type Evaluate = PathEvaluator['evaluate'];

/** With errors of evaluation that name the place in the view. */
function located(evaluate: Evaluate, place: string): Evaluate {
  return (item, environment) => {
    try {
      return evaluate(item, environment);
    } catch (error) {
      throw error instanceof EvaluationError ? new RowError(place, error.message) : error;
    }
  };
}
