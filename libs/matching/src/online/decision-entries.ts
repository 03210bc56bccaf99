import { formatPosition, SYSTEM_CHAIN, type Positions } from '@chartledger/ledger';
import { type SystemChange } from '@chartledger/sequence';
import { type PersonChange } from '../persons/reassign.js';
import {
  FENCE,
  type Pair,
  type PersonDecision,
  type Progress,
  type ReviewDecision,
  type RecordName,
} from '../persons/person-entries.js';
import {
  absorbedPerson,
  activePerson,
  emptyPerson,
  progressResource,
  reviewTask,
  type Assurance,
} from '../persons/person-resources.js';
import { type Standing } from '../persons/standing-persons.js';

/** The entry of a person's next version. Its version is a fence of its own, beside that of all decisions. */
export function personEntry(
  change: PersonChange,
  decision: PersonDecision,
  assurance: (name: RecordName) => Assurance,
): SystemChange {
  const { id, kind, version, state, into, members } = change;
  const resource =
    state === 'absorbed'
      ? absorbedPerson(id, into!)
      : state === 'empty'
        ? emptyPerson(id)
        : activePerson(id, members, assurance);
  return {
    type: 'Person',
    id,
    resource,
    kind,
    decision,
    ...(version === undefined ? { mustBeNew: true } : { ifMatch: version }),
  };
}

/** The entry of a Task: asked, or answered. */
export function reviewEntry(
  id: string,
  pair: Pair,
  status: Parameters<typeof reviewTask>[2],
  decision: ReviewDecision,
): SystemChange {
  return { type: 'Task', id, resource: reviewTask(id, pair, status), kind: 'person.review', decision };
}

/** The last entry of every decision: nobody else has decided since the state that it stands on. */
export function fenceEntry({ fence }: Standing, progress: Progress): SystemChange {
  return {
    ...FENCE,
    kind: 'match.progress',
    resource: progressResource(progress),
    ...(fence ? { ifMatch: fence.version } : { mustBeNew: true }),
  };
}

/** `0:812,1:46497`: the system's chain first. */
export function basisOf({ position }: Standing, matched: Positions): string {
  const others = [...matched].filter(([chain, seq]) => chain !== SYSTEM_CHAIN && seq >= 0).sort(([a], [b]) => a - b);
  return [[SYSTEM_CHAIN, position] as const, ...others]
    .filter(([, seq]) => seq >= 0)
    .map(([chain, seq]) => formatPosition(chain, seq))
    .join(',');
}
