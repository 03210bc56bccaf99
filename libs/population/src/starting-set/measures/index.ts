import { type Resource } from '../../measure/resources.js';
import { LIBRARIES } from './libraries.js';
import { MEASURES } from './measures.js';
import { VALUE_SETS } from './value-sets.js';

/** The starting set's measures, and before them all that they refer to: PUT each to /fhir/chartledger. */
export function startingMeasures(): Resource[] {
  return [...VALUE_SETS, ...LIBRARIES, ...MEASURES] as unknown as Resource[];
}
