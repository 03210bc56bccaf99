import { type ReferenceTyper } from '../reference/reference-type.js';
import { type Collection } from './values.js';

/** A compiled expression: from one item of the context ($this) to the collection it stands for. Never throws. */
export type Evaluate = (item: unknown, typeOf?: ReferenceTyper) => Collection;

/** `$this`. Compared by identity, so that a path can start without a call. */
export const THIS: Evaluate = (item) => item;

/** What yields nothing on any item. Compared by identity, so that what stands on it folds away. */
export const NOTHING: Evaluate = () => undefined;
