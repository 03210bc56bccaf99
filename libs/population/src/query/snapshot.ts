import { SYSTEM_CHAIN, type Positions } from '@chartledger/ledger';
import { type KeptView } from '../live/registered-view.js';
import { type ViewSource } from '../live/view-source.js';
import { literal, quoted } from '../store/names.js';
import { OPEN } from '../store/view-table.js';

/** Which rows of the views a question sees. */
export interface Scope {
  /** As of these positions; undefined: what holds now. */
  asOf?: Positions;
  /** Only records in the compartments of these patients, `source/Patient/id`. */
  patients?: readonly string[];
  /** Only records whose version came after these positions. */
  since?: Positions;
}

/** Where each row is from. */
const ORIGIN_COLUMNS = ['_source', '_record', '_version', '_chain', '_seq'] as const;

/**
 * The rows of a view as a relation of SQL: its own columns, the keys of patient and person, and where each row is from.
 * A patient that is linked to no Person is a person of their own.
 */
export function viewRelation(view: KeptView, scope: Scope): string {
  return `select ${relationColumns(view.source).join(', ')} from ${view.tableName} v
    left join (${personLinks(scope.asOf)}) p on p.patient = v._patient
    where ${viewCondition(scope)}`;
}

/** Of a table `v` of the rows of a view, joined with `p`, the persons of its patients. */
export function relationColumns({ columns }: ViewSource): string[] {
  const own = columns.map(({ name }) => name);
  const taken = new Set(own.map((name) => name.toLowerCase()));
  const keys = [
    ['patient_key', 'v._patient'],
    ['person_key', 'coalesce(p.person, v._patient)'],
  ].filter(([name]) => !taken.has(name));
  return [
    ...own.map((name) => `v.${quoted(name)}`),
    ...keys.map(([name, value]) => `${value} as ${name}`),
    ...ORIGIN_COLUMNS.map((name) => `v.${name}`),
  ];
}

/** Which person each patient is linked to. */
export function personLinks(asOf?: Positions): string {
  return `select patient, person from population.person where ${heldOn(SYSTEM_CHAIN, asOf)}`;
}

/** The rows of a view with its own columns only, in their order: what running the ViewDefinition gives. */
export function viewRows(view: KeptView, scope: Scope): string {
  const own = view.source.columns.map(({ name }) => quoted(name));
  return `select ${own.join(', ')} from ${view.tableName} v where ${viewCondition(scope)}`;
}

function viewCondition({ asOf, patients, since }: Scope): string {
  return [
    heldAt(asOf),
    ...(patients ? [patients.length > 0 ? `v._patient in (${patients.map(literal).join(', ')})` : 'false'] : []),
    ...(since ? [`(${[...since].map(([chain, seq]) => `v._chain = ${chain} and v._seq > ${seq}`).join(' or ')})`] : []),
  ].join(' and ');
}

/** That a row of a view held at the positions. */
function heldAt(asOf: Positions | undefined): string {
  if (!asOf) return `v._to = ${OPEN}`;
  const chains = [...asOf].filter(([, seq]) => seq >= 0);
  if (chains.length === 0) return 'false';
  return `(${chains.map(([chain, seq]) => `v._chain = ${chain} and v._seq <= ${seq} and v._to > ${seq}`).join(' or ')})`;
}

function heldOn(chain: number, asOf: Positions | undefined): string {
  if (!asOf) return `_to = ${OPEN}`;
  const seq = asOf.get(chain) ?? -1;
  return `_seq <= ${seq} and _to > ${seq}`;
}
