export * from './persons/person-entries.js';
export * from './persons/person-resources.js';
export * from './persons/persons-reader.js';
export { OPEN_END, personTables } from './persons/persons.tables.js';
export { PERSONS, PersonsProjection } from './persons/persons.projection.js';
export { type StewardCommand, type StewardOutcome } from './steward/steward-command.js';
