import { SYSTEM_CHAIN, type Positions } from '@chartledger/ledger';
import { type KeptView } from '../live/registered-view.js';
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

/** Columns that a view's rows have beside its own, where it has none of that name. */
export const KEY_COLUMNS = ['patient_key', 'person_key'] as const;
/** Where each row is from. */
export const ORIGIN_COLUMNS = ['_source', '_record', '_version', '_chain', '_seq'] as const;

/**
 * The rows of a view as a relation of SQL: its own columns, the keys of patient and person, and where each row is from.
 * A patient that is linked to no Person is a person of their own.
 */
export function viewRelation(view: KeptView, scope: Scope): string {
  const own = view.source.columns.map(({ name }) => name);
  const taken = new Set(own.map((name) => name.toLowerCase()));
  const keys = [
    ['patient_key', 'v._patient'],
    ['person_key', 'coalesce(p.person, v._patient)'],
  ].filter(([name]) => !taken.has(name));
  const columns = [
    ...own.map((name) => `v.${quoted(name)}`),
    ...keys.map(([name, value]) => `${value} as ${name}`),
    ...ORIGIN_COLUMNS.map((name) => `v.${name}`),
  ];
  return `select ${columns.join(', ')} from ${view.tableName} v
    left join (select patient, person from population.person where ${heldOn('population.person', SYSTEM_CHAIN, scope.asOf)}) p
      on p.patient = v._patient
    where ${viewCondition(scope)}`;
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
  const chains = [...asOf].map(([chain, seq]) => `v._chain = ${chain} and v._seq <= ${seq} and v._to > ${seq}`);
  return `(${chains.join(' or ')})`;
}

function heldOn(table: string, chain: number, asOf: Positions | undefined): string {
  if (!asOf) return `${table}._to = ${OPEN}`;
  const seq = asOf.get(chain) ?? -1;
  return `${table}._seq <= ${seq} and ${table}._to > ${seq}`;
}
