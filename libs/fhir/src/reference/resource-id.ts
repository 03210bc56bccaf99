/** Upper bound of a logical id's length (http://hl7.org/fhir/R4/datatypes.html#id). */
export const MAX_ID_CHARACTERS = 64;

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** Whether `text` has the form of a logical id: [A-Za-z0-9\-\.]{1,64} (http://hl7.org/fhir/R4/datatypes.html#id). */
export function isResourceId(text: string): boolean {
  return ID.test(text);
}
