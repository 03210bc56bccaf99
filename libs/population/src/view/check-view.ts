import { type Issue } from '@chartledger/platform';
import { compileView } from './compile-view.js';
import { issueOf, ViewError, type Fault } from './view-error.js';

/**
 * Says what is wrong with a ViewDefinition that is to be kept: all that compileView refuses, a missing name, since that
 * is its table's, and elements that FHIR R4 does not have, since a column of those would stay empty. Never throws.
 */
export function checkViewDefinition(resource: unknown): Issue[] {
  return faultsOf(resource).map(issueOf);
}

function faultsOf(resource: unknown): readonly Fault[] {
  try {
    const { name, unknownElements } = compileView(resource);
    if (name !== undefined) return unknownElements;
    return [{ place: 'ViewDefinition.name', problem: "is missing: it is the table's name" }, ...unknownElements];
  } catch (error) {
    if (error instanceof ViewError) return error.faults;
    throw error;
  }
}
