import { type Environment } from './evaluate.js';
import { type Collection, isEmpty, toItems } from './values.js';

/** Where FHIRPath calls for an error at evaluation. The message says nothing of the resource. */
export class EvaluationError extends Error {
  readonly code = 'fhirpath_evaluation';

  constructor(message = 'finds several items where FHIRPath takes one only') {
    super(message);
  }
}

/**
 * The one item of a collection where FHIRPath wants one; undefined where there is none.
 * @throws EvaluationError where there are several, if the environment is strict; else they count as none.
 */
export function singleOf(collection: Collection, { strict }: Environment): unknown {
  if (!Array.isArray(collection)) return collection ?? undefined;
  const items = toItems(collection);
  if (items.length > 1 && strict === true) throw new EvaluationError();
  return items.length === 1 ? items[0] : undefined;
}

/**
 * The one item of each side of an operator; undefined where a side is empty, whatever the other is.
 * @throws EvaluationError as singleOf.
 */
export function pairOf(left: Collection, right: Collection, environment: Environment): [unknown, unknown] | undefined {
  if (isEmpty(left) || isEmpty(right)) return undefined;
  const [a, b] = [singleOf(left, environment), singleOf(right, environment)];
  return a === undefined || b === undefined ? undefined : [a, b];
}

/** A Boolean of FHIRPath's three-valued logic; undefined is the empty collection. */
export type Truth = boolean | undefined;

/**
 * A collection where a Boolean is wanted (http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections): one item
 * that is no Boolean counts as true.
 */
export function truthOf(collection: Collection, environment: Environment): Truth {
  const single = singleOf(collection, environment);
  if (single === undefined) return undefined;
  return typeof single === 'boolean' ? single : true;
}
