import { type Pool } from 'pg';
import { parsePosition, parsePositions, SYSTEM_CHAIN, type Positions } from '@chartledger/ledger';
import { DEFAULT_MODEL } from '../engine/default-model.js';
import { type Model } from '../engine/model.js';
import { type Progress, type RecordName } from '../persons/person-entries.js';
import { PERSONS } from '../persons/persons.projection.js';
import { personsWith, readStanding, rulingsAt, type Standing } from '../persons/standing-persons.js';
import { type ModelPreparation } from './model-switch.js';
import { PatientFollower, type FirstVersion, type FollowerContext } from './patient-follower.js';
import { Rulings } from './rulings.js';

export interface KnownContext extends FollowerContext {
  pool: Pool;
  /** The model that an entry of the system's chain holds. */
  modelAt: (seq: number) => Promise<Model>;
}

type OnPage = (loaded: number) => void;
type Adopting = NonNullable<Progress['adopting']>;

/** What the matcher knows, all of one state. */
export interface Known {
  patients: PatientFollower;
  /** Position of the model's entry; undefined for the one that ships. */
  model: number | undefined;
  /** The one that was adopted last. Where it is another, it is got ready. */
  adopted: number | undefined;
  preparing: ModelPreparation | undefined;
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
  /** While records are matched anew under a model: the groups that remain (undefined until that is known). */
  adopting: (Omit<Adopting, 'model'> & { groups: RecordName[][] | undefined }) | undefined;
}

/** @param onPage told how many records are loaded; throws to end it. */
export async function loadKnown(context: KnownContext, onPage: OnPage): Promise<Known> {
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
    adopted: model,
    preparing: undefined,
    rulings: new Rulings(rulings),
    // Not that of now: what others decided since is taken in by the first decision.
    fence: -2,
    decision: undefined,
    decided: new Map(),
    changed: await stillHeld(context, patients.shredded, standing),
    first: new Map(),
    // What remains is found out again: it is what does not stand yet.
    adopting: adopting && { ...adopting, groups: undefined },
  };
}

/** Who is whom, with everything that was acknowledged before the call. */
export async function standingNow({ pool, views }: KnownContext): Promise<Standing> {
  const { schema, applied } = await views.upToDate(PERSONS, SYSTEM_CHAIN);
  return readStanding(pool, schema, applied);
}

export async function loadPatients(
  context: KnownContext,
  model: number | undefined,
  positions: Positions,
  onPage: OnPage,
): Promise<PatientFollower> {
  const data = model === undefined ? DEFAULT_MODEL : await context.modelAt(model);
  return PatientFollower.load(context, data, positions, onPage);
}

/** Of records whose data key was destroyed those that are still somebody's. */
export async function stillHeld(
  { pool }: KnownContext,
  shredded: ReadonlySet<RecordName>,
  standing: Standing,
): Promise<Set<RecordName>> {
  const persons = await personsWith(pool, standing, [...shredded]);
  return new Set(persons.flatMap(({ members }) => [...members.keys()].filter((name) => shredded.has(name))));
}

/** Of a position on one chain. */
export function seqOf(position: string | undefined): number | undefined {
  return position === undefined ? undefined : parsePosition(position)?.seq;
}
