import { OPEN } from './view-table.js';

/** Of the tables below. A file of another format is not read: it is made anew from the ledger. */
export const FORMAT = 1;

/**
 * `forgotten`: the number of the last data key that was destroyed and whose rows were removed. `is_clean`: their bytes are
 * gone from the file too.
 */
export const CREATE_FORGOTTEN =
  'create table if not exists population.forgotten as select 0::bigint as number, true as is_clean;';

/**
 * `lane`: views that are filled together, with the position of each chain. Lane 0 is the one that is read.
 * `view`: the views that are registered, each with the version of its ViewDefinition that its table was made for.
 * `person`: which Person of the system's source a patient is linked to, by the interval of positions on chain 0.
 * `library`: the current SQLQuery and SQLView Libraries.
 * `failure`: records of which a view could not make rows, and why.
 */
export const CREATE_TABLES = `
  create schema population;
  create schema kept;
  create table population.format (format integer);
  insert into population.format values (${FORMAT});
  create sequence population.number;
  create table population.lane (lane integer, chain integer, seq bigint);
  create table population.view (
    no integer, id varchar, version integer, lane integer, registered bigint, definition varchar, problem varchar
  );
  create table population.person (patient varchar, person varchar, _seq bigint, _to bigint);
  create table population.library (id varchar, version integer, resource varchar);
  ${CREATE_FORGOTTEN}
  create table population.failure (
    view integer, _chain integer, _key ubigint, _seq bigint, _to bigint default ${OPEN}, problem varchar
  );
`;
