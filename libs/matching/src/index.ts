export * from './persons/person-entries.js';
export { OPEN_END, personTables } from './persons/persons.tables.js';
