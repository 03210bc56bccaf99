import { type SystemChange } from '@chartledger/sequence';
import { type RecordName } from '../persons/person-entries.js';
import { type Assurance } from '../persons/person-resources.js';
import { personEntry, reviewEntry } from './decision-entries.js';
import { type DecisionIds } from './decision-ids.js';
import { decisionOf, type UnitDecision } from './model-decision.js';

/**
 * The entries of what the matcher decided on a unit. The first has the evidence, the others say where that is.
 * @param part how many entries of the submission come before.
 */
export function unitEntries(
  { changes, evidence, asked, closed }: UnitDecision,
  basis: string,
  part: number,
  ids: Pick<DecisionIds, 'review'>,
): SystemChange[] {
  const ruled = new Set(evidence.rulings.filter(({ kind }) => kind === 'must').flatMap(({ pair }) => pair));
  const assurance = (name: RecordName): Assurance => (ruled.has(name) ? 'level4' : 'level3');
  let isFirst = true;
  const grounds = (): { evidence: typeof evidence } | { evidenceAt: number } => {
    if (!isFirst) return { evidenceAt: part };
    isFirst = false;
    return { evidence };
  };
  return [
    ...changes.map((change) => personEntry(change, { ...decisionOf(basis, change), ...grounds() }, assurance)),
    ...asked.map(({ pair, score }) =>
      reviewEntry(ids.review(pair), pair, 'requested', { basis, pair, score, ...grounds() }),
    ),
    ...closed.map(({ task, pair, outcome }) =>
      reviewEntry(task, pair, outcome === 'linked' ? 'completed' : 'cancelled', { basis, pair, outcome, ...grounds() }),
    ),
  ];
}
