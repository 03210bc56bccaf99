import { availableParallelism } from 'node:os';
import { type Positions } from '@chartledger/ledger';
import { type RecordName } from '../persons/person-entries.js';
import { loadPatients, standingNow, stillHeld, type Known, type KnownContext } from './known-state.js';
import { ModelPreparation, type ModelSwitch } from './model-switch.js';

/** Patient versions that are taken in at once, of those that came while a model was got ready. */
const MAX_BATCH = 500;
/** Beside the thread that decides and answers; on it where there is nothing to speak of. */
const THREADED_FROM = 100;
const threadsBeside = (records: number): number =>
  records < THREADED_FROM ? 0 : Math.max(1, availableParallelism() - 1);

/**
 * Gets the model ready that was adopted last, and goes over to it when it is.
 * @param mayGoOn throws to end the loading of records. @param wakeUp called when there is more to do.
 */
export async function followModel(
  context: KnownContext,
  known: Known,
  mayGoOn: () => void,
  wakeUp: () => void,
): Promise<void> {
  const { preparing } = known;
  const isPlanned = known.adopting === undefined || known.adopting.groups !== undefined;
  if (preparing === undefined && known.adopted === known.model && isPlanned) return;
  if (preparing === undefined || preparing.model !== known.adopted) {
    await preparing?.stop();
    known.preparing = prepare(context, known, mayGoOn, wakeUp);
  } else if (preparing.error) {
    known.preparing = undefined;
    throw preparing.error;
  } else if (preparing.ready) {
    await goOver(context, known, preparing, preparing.ready);
    wakeUp();
  }
}

function prepare(context: KnownContext, known: Known, mayGoOn: () => void, wakeUp: () => void): ModelPreparation {
  const { adopted, patients, rulings } = known;
  const positions = new Map(patients.positions);
  const load: ConstructorParameters<typeof ModelPreparation>[1]['load'] = async (onLoaded) => {
    if (adopted === known.model) return patients;
    return loadPatients(context, adopted, positions, (loaded) => {
      mayGoOn();
      onLoaded(loaded);
    });
  };
  return new ModelPreparation(adopted, {
    pool: context.pool,
    load,
    records: patients.index.size,
    standing: () => standingNow(context),
    rulings,
    threads: threadsBeside,
    onSettled: wakeUp,
  });
}

/** From now on everything is decided under the other model, also what came while it was got ready. */
async function goOver(
  context: KnownContext,
  known: Known,
  { model, touched }: ModelPreparation,
  { patients, groups }: ModelSwitch,
): Promise<void> {
  const again = new Set(touched);
  while (isBehind(patients.positions, known.patients.positions)) {
    const names = new Set<RecordName>();
    await patients.advance(MAX_BATCH, new Map(), (name) => names.add(name));
    for (const name of names) again.add(name);
    // Of what came later nobody has decided yet.
    if (isBehind(known.patients.positions, patients.positions)) for (const name of names) known.changed.add(name);
  }
  for (const name of await stillHeld(context, patients.shredded, await standingNow(context))) known.changed.add(name);
  const all = [...groups, ...[...again].map((name) => [name])];
  const count = all.reduce((sum, group) => sum + group.length, 0);
  const isGoingOn = known.adopting !== undefined && known.adopting.groups === undefined;
  const { done, since } = isGoingOn ? known.adopting! : { done: 0, since: new Date().toISOString() };
  known.adopting = { groups: all, done, total: done + count, since };
  known.patients = patients;
  known.model = model;
  known.preparing = undefined;
}

function isBehind(one: Positions, other: Positions): boolean {
  return [...other].some(([chain, position]) => (one.get(chain) ?? -1) < position);
}
