import { CHARLSON_CATEGORIES, CHARLSON_CATEGORY, CHARLSON_CODE, CHARLSON_INDEX } from './charlson.sql.js';
import { GAPS } from './gaps.sql.js';
import { IMMUNIZATION_BY_VACCINE, IMMUNIZATION_COVERAGE } from './immunization.sql.js';
import { PERSON, VALUE_SET_MEMBER } from './people.sql.js';
import { CONDITION_REGISTRY } from './registry.sql.js';
import { type StartingLibrary } from './sql-library.js';
import { INPATIENT_STAY, READMISSIONS, UTILISATION } from './utilisation.sql.js';

export { type StartingLibrary } from './sql-library.js';

/** Queries over the starting views, and before them the SQLViews that they read. */
export const STARTING_QUERIES: readonly StartingLibrary[] = [
  PERSON,
  VALUE_SET_MEMBER,
  INPATIENT_STAY,
  CHARLSON_CATEGORY,
  CHARLSON_CODE,
  CONDITION_REGISTRY,
  ...GAPS,
  UTILISATION,
  READMISSIONS,
  CHARLSON_INDEX,
  CHARLSON_CATEGORIES,
  IMMUNIZATION_COVERAGE,
  IMMUNIZATION_BY_VACCINE,
];
