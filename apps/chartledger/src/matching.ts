import { type Share } from '@chartledger/database';
import { SYSTEM_CHAIN } from '@chartledger/ledger';
import {
  DecisionIds,
  DecisionLock,
  FeatureStore,
  FollowedPatients,
  Matcher,
  ModelAdoption,
  modelReader,
  StewardService,
  type MatcherContext,
} from '@chartledger/matching';
import { type Views } from '@chartledger/projection';
import { type Outcome, type Submission } from '@chartledger/sequence';
import { type Base } from './base.js';

/** 'matc' in ASCII: the advisory lock of the one process that matches. */
const LOCK: Share['lock'] = [0x6d617463, 0];

type Submit = (submission: Submission) => Promise<Outcome>;

/** What people decide with: stewards on persons, and who answers for matching on its model. */
export function decidersOf(
  { store, pool }: Base,
  views: Views,
  submit: Submit,
  lock: DecisionLock,
): { steward: StewardService; adoption: ModelAdoption } {
  const { opener, keys } = store;
  const context = { pool, views, opener, ids: new DecisionIds(keys.pseudonym), lock, submit };
  return { steward: new StewardService(context), adoption: new ModelAdoption(context) };
}

/** The matcher, not started. `views` MUST have those of persons and of what Patients say. */
export function matcherOf(
  { store, pool, logger }: Base,
  views: Views,
  submit: Submit,
  lock = new DecisionLock(pool),
): Matcher {
  const { ledger, opener, dataKeys, keys, chains } = store;
  const context: MatcherContext = {
    pool,
    views,
    chains: chains.filter((chain) => chain !== SYSTEM_CHAIN),
    features: new FeatureStore(pool, dataKeys),
    modelAt: modelReader(ledger, opener),
    ids: new DecisionIds(keys.pseudonym),
    lock,
    submit,
    logger,
  };
  return new Matcher(context);
}

/** Matches in this process while no other does. */
export function matchingShare(base: Base, views: Views, submit: Submit): Share {
  return {
    name: 'matching',
    lock: LOCK,
    start: async () => {
      const matcher = matcherOf(base, views, submit);
      matcher.start();
      return () => matcher.stop();
    },
  };
}

/** The Patients in memory, followed in a process that answers and does not decide. It loads in the background. */
export function followPatients({ store, pool, logger }: Base, views: Views): FollowedPatients {
  const { ledger, opener, dataKeys, chains } = store;
  const patients = new FollowedPatients({
    pool,
    views,
    chains: chains.filter((chain) => chain !== SYSTEM_CHAIN),
    features: new FeatureStore(pool, dataKeys),
    modelAt: modelReader(ledger, opener),
    logger,
  });
  patients.start();
  return patients;
}
