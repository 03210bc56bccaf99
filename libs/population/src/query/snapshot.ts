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

/** Whose row it is, of a table `v` that is joined with `p`. A patient that is linked to no Person is a person of their own. */
const PERSON = 'coalesce(p.person, v._patient)';

/** The column `_person` that de-identifying needs: no view can have one of that name, so nobody chooses by what dates are moved. */
export const OWN_PERSON = `${PERSON} as _person`;

/**
 * The rows of a view as a relation of SQL: its own columns, the keys of patient and person, and where each row is from.
 * @param withPersons without it there is no `person_key`, and no join that DuckDB would make though nobody reads it.
 */
export function viewRelation(view: KeptView, scope: Scope, withPersons = true): string {
  const persons = withPersons ? `left join (${personLinks(scope.asOf)}) p on p.patient = v._patient` : '';
  return `select ${relationColumns(view.source, withPersons).join(', ')} from ${view.tableName} v ${persons}
    where ${viewCondition(view, scope)}`;
}

/** The same with `_person`, to be de-identified. */
export function identifiedRelation(view: KeptView, scope: Scope): string {
  const columns = [...relationColumns(view.source), OWN_PERSON].join(', ');
  return `select ${columns} from ${view.tableName} v left join (${personLinks(scope.asOf)}) p on p.patient = v._patient
    where ${viewCondition(view, scope)}`;
}

/** Of a table `v` of the rows of a view, joined with `p`, the persons of its patients. */
export function relationColumns({ columns }: ViewSource, withPersons = true): string[] {
  const own = columns.map(({ name }) => name);
  const taken = new Set(own.map((name) => name.toLowerCase()));
  const keys = [['patient_key', 'v._patient'], ...(withPersons ? [['person_key', PERSON]] : [])].filter(
    ([name]) => !taken.has(name),
  );
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
  return `select ${own.join(', ')} from ${view.tableName} v where ${viewCondition(view, scope)}`;
}

function viewCondition({ chains }: KeptView, { asOf, patients, since }: Scope): string {
  return [
    heldAt(chains, asOf),
    ...(patients ? [patients.length > 0 ? `v._patient in (${patients.map(literal).join(', ')})` : 'false'] : []),
    ...(since ? [`(${[...since].map(([chain, seq]) => `v._chain = ${chain} and v._seq > ${seq}`).join(' or ')})`] : []),
  ].join(' and ');
}

/** That a row of a view held at the positions. Rows of one chain need not be told from others: a comparison less. */
function heldAt(chains: ReadonlySet<number>, asOf: Positions | undefined): string {
  if (!asOf) return stillHeld('v._to');
  const held = [...asOf]
    .filter(([chain, seq]) => seq >= 0 && chains.has(chain))
    .map(([chain, seq]) => {
      const interval = `v._seq <= ${seq} and v._to > ${seq}`;
      return chains.size === 1 ? interval : `v._chain = ${chain} and ${interval}`;
    });
  return held.length === 0 ? 'false' : `(${held.join(' or ')})`;
}

/** The scope with nothing to compare where the positions are those that the snapshot stands on. */
export function presentScope(scope: Scope, positions: Positions): Scope {
  const isPresent = scope.asOf && [...positions].every(([chain, seq]) => scope.asOf!.get(chain) === seq);
  return isPresent ? { ...scope, asOf: undefined } : scope;
}

/**
 * That an end is open. Not by `=`: the planner takes an equal value for a rare one, and would build the hash of a join from
 * the rows of the view instead of the persons.
 */
function stillHeld(end: string): string {
  return `${end} >= ${OPEN}`;
}

function heldOn(chain: number, asOf: Positions | undefined): string {
  if (!asOf) return stillHeld('_to');
  const seq = asOf.get(chain) ?? -1;
  return `_seq <= ${seq} and _to > ${seq}`;
}
