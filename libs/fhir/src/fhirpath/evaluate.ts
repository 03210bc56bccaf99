import { type ReferenceTyper } from '../reference/reference-type.js';
import { type Collection } from './values.js';

/** What an expression may ask for besides the item that it starts from. */
export interface Environment {
  /** Asked by `resolve() is T` where a reference's text does not say the type. */
  typeOf?: ReferenceTyper;
  /** %resource: the resource that the item is of. */
  resource?: unknown;
  /** %rowIndex of SQL on FHIR: the item's index in what is iterated. */
  rowIndex?: number;
  /** The name of the source that the resource is of; it leads the keys of getResourceKey() and getReferenceKey(). */
  source?: string;
  /** Whether evaluation throws EvaluationError where FHIRPath calls for an error. Without it the result is empty. */
  strict?: boolean;
}

/** The environment of a caller that says nothing. */
export const NO_ENVIRONMENT: Environment = Object.freeze({});

/** A compiled expression: from one item of the context ($this) to the collection it stands for. Throws where strict only. */
export type Evaluate = (item: unknown, environment: Environment) => Collection;

/** `$this`. Compared by identity, so that a path can start without a call. */
export const THIS: Evaluate = (item) => item;

/** What yields nothing on any item. Compared by identity, so that what stands on it folds away. */
export const NOTHING: Evaluate = () => undefined;
