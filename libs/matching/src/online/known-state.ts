import { type Pool } from 'pg';
import { parsePosition, parsePositions, SYSTEM_CHAIN, type Positions } from '@chartledger/ledger';
import { DEFAULT_MODEL } from '../engine/default-model.js';
import { type Model } from '../engine/model.js';
import { FEATURES } from '../features/features.projection.js';
import { type RecordName } from '../persons/person-entries.js';
import { PERSONS } from '../persons/persons.projection.js';
import { readStanding, rulingsAt, type Standing } from '../persons/standing-persons.js';
import { PatientFollower, type FirstVersion, type FollowerContext } from './patient-follower.js';
import { Rulings } from './rulings.js';

export interface KnownContext extends FollowerContext {
  pool: Pool;
  /** The model that an entry of the system's chain holds. */
  modelAt: (seq: number) => Promise<Model>;
}

/** What the matcher knows, all of one state. */
export interface Known {
  patients: PatientFollower;
  /** Position of the model's entry; undefined for the one that ships. */
  model: number | undefined;
  /** Another model was adopted: nothing is decided under this one any more. */
  isModelOld: boolean;
  rulings: Rulings;
  /** Seq of the fence that the rulings were read at. */
  fence: number;
  /** The state that its last decision has left; undefined: it must be read. */
  decision: Pick<Standing, 'fence' | 'model'> | undefined;
  /** Up to here every change is decided on. */
  decided: Positions;
  /** Records whose persons must be decided on anew. */
  changed: Set<RecordName>;
  /** Of those, the ones that are new: nobody has them who decided before their first version. */
  first: Map<RecordName, FirstVersion>;
  /** While a new model is adopted: the records that remain, in order, and the last one that does not. */
  adopting: { remaining: RecordName[]; after: RecordName } | undefined;
}

/** @param onPage throws to end it. */
export async function loadKnown(context: KnownContext, onPage: () => void): Promise<Known> {
  const standing = await standingNow(context);
  const progress = standing.fence?.progress;
  const matched = parsePositions(progress?.matched ?? '') ?? new Map<number, number>();
  const adopting = progress?.adopting;
  const model = seqOf(adopting?.model ?? progress?.model);
  const positions = new Map(context.chains.map((chain) => [chain, matched.get(chain) ?? -1]));
  const patients = await loadPatients(context, model, positions, onPage);
  const rulings = await rulingsAt(context.pool, standing.schema, matched.get(SYSTEM_CHAIN) ?? -1);
  return {
    patients,
    model,
    isModelOld: false,
    rulings: new Rulings(rulings),
    // Not that of now: what others decided since is taken in by the first decision.
    fence: -2,
    decision: undefined,
    decided: new Map(),
    changed: await shredded(context),
    first: new Map(),
    adopting: adopting && {
      remaining: [...patients.index.names()].filter((name) => name > adopting.after).sort(),
      after: adopting.after,
    },
  };
}

/** A new model: the same records, prepared and compared anew, all of them. */
export async function adoptModel(context: KnownContext, known: Known, onPage: () => void): Promise<void> {
  const { model } = await standingNow(context);
  known.patients = await loadPatients(context, model, known.patients.positions, onPage);
  known.model = model;
  known.isModelOld = false;
  known.adopting = { remaining: [...known.patients.index.names()].sort(), after: '' };
}

/** Who is whom, with everything that was acknowledged before the call. */
export async function standingNow({ pool, views }: KnownContext): Promise<Standing> {
  const { schema, applied } = await views.upToDate(PERSONS, SYSTEM_CHAIN);
  return readStanding(pool, schema, applied);
}

async function loadPatients(
  context: KnownContext,
  model: number | undefined,
  positions: Positions,
  onPage: () => void,
): Promise<PatientFollower> {
  const data = model === undefined ? DEFAULT_MODEL : await context.modelAt(model);
  return PatientFollower.load(context, data, positions, onPage);
}

/** Records whose data key was destroyed: they are nobody's any more. */
async function shredded({ chains, views, features }: KnownContext): Promise<Set<RecordName>> {
  const names = new Set<RecordName>();
  for (const chain of chains) {
    const { schema } = await views.upToDate(FEATURES, chain);
    for (const name of await features.unreadable(schema, chain)) names.add(name);
  }
  return names;
}

function seqOf(position: string | undefined): number | undefined {
  return position === undefined ? undefined : parsePosition(position)?.seq;
}
