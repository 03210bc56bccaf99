import { SYSTEM_CHAIN } from '@chartledger/ledger';
import {
  type CandidateFinder,
  DecisionLock,
  type FollowedPatients,
  FoundFollowed,
  FoundHere,
  type MatchProgress,
  MatchedElsewhere,
  MatchedHere,
  type Matcher,
  matchingResources,
  modelReader,
  ModelStatus,
  ModelsInForce,
  PatientMatching,
  PersonOperations,
  PersonsReader,
  PersonsService,
} from '@chartledger/matching';
import { UnavailableError } from '@chartledger/platform';
import { type Views } from '@chartledger/projection';
import { AcrossSources, type OwnResource, type RecordReader, type SourceDirectory } from '@chartledger/records';
import { type Base } from './base.js';

/** How the matcher is waited for and asked: in the process where it runs, or in another. */
export interface MatcherAccess {
  matched: MatchProgress;
  finder: CandidateFinder;
  /** For those who decide too. */
  lock: DecisionLock;
  /** A model that is got ready, where the matcher runs here. */
  preparing?: () => Matcher['preparing'];
}

export function matcherHere(base: Base, views: Views, matcher: Matcher, lock: DecisionLock): MatcherAccess {
  const chains = base.store.chains.filter((chain) => chain !== SYSTEM_CHAIN);
  const matched = new MatchedHere(matcher);
  return { matched, finder: new FoundHere(matcher, matched, views, chains), lock, preparing: () => matcher.preparing };
}

/** @param patients the index that this process keeps to answer with. */
export function matcherElsewhere({ pool }: Base, views: Views, patients?: FollowedPatients): MatcherAccess {
  const finder = patients ? new FoundFollowed(patients) : NOT_HERE;
  return { matched: new MatchedElsewhere(pool, views), finder, lock: new DecisionLock(pool) };
}

const NOT_HERE: CandidateFinder = {
  find: () => Promise.reject(new UnavailableError('this process has no index of persons: ask the one that matches')),
};

/** Who is one person, for those who ask. */
export interface AskingParts {
  persons: PersonsService;
  operations: PersonOperations;
  matching: PatientMatching;
  models: ModelStatus;
}

export function acrossSources({ store, pool }: Base, views: Views, sources: SourceDirectory): AcrossSources {
  return new AcrossSources(pool, views, sources, store.opener, store.tokens);
}

const SQL_ON_FHIR = 'http://hl7.org/fhir/uv/sql-on-fhir/OperationDefinition';
const POPULATION: readonly OwnResource[] = [
  {
    type: 'Measure',
    operations: [
      { name: 'evaluate-measure', definition: 'http://hl7.org/fhir/OperationDefinition/Measure-evaluate-measure' },
    ],
  },
  {
    type: undefined,
    operations: [
      { name: 'sql-run', definition: `${SQL_ON_FHIR}/SQLRun` },
      { name: 'sql-export', definition: `${SQL_ON_FHIR}/SQLExport` },
    ],
  },
];

/** What is to be found under the base of the system's own source. */
export function ownResources(
  { pool }: Base,
  across: AcrossSources,
  { matched }: MatcherAccess,
  writable: Iterable<string>,
): OwnResource[] {
  return [
    ...[...writable].map((type) => ({ type, isWritable: true })),
    ...matchingResources(pool, across, matched),
    ...POPULATION,
  ];
}

export function askingParts(
  { store, pool }: Base,
  views: Views,
  reader: RecordReader,
  sources: SourceDirectory,
  across: AcrossSources,
  { matched, finder, preparing }: MatcherAccess,
): AskingParts {
  const { opener, ledger } = store;
  const persons = new PersonsReader(pool, views, opener);
  const models = new ModelsInForce(pool, views, modelReader(ledger, opener));
  return {
    persons: new PersonsService(pool, persons, reader, sources, views, opener, models),
    operations: new PersonOperations(persons, matched, reader, sources, across),
    matching: new PatientMatching(finder, matched, models, persons, reader, sources),
    models: new ModelStatus(pool, views, opener, preparing),
  };
}
