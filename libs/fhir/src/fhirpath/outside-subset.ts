/**
 * Thrown inside this folder for an expression that is not FHIRPath or not of the plain subset; `message` says what was
 * met. It never leaves the folder: compilePath turns it into undefined.
 */
export class OutsideSubset extends Error {
  readonly code = 'fhirpath_outside_subset';
}
