import { scanResource } from '@chartledger/fhir';
import { type DecisionKind } from '@chartledger/ledger';
import { type Actor } from '@chartledger/platform';
import { readFacts } from '@chartledger/projection';
import { SYSTEM } from '@chartledger/records';
import { type Change, type Submission } from './submission.js';

/** A version of a record that the system makes. */
export interface SystemChange {
  type: string;
  id: string;
  /** The resource, with its `resourceType` and `id`. */
  resource: object;
  kind?: DecisionKind;
  /** What it stands on. */
  decision?: object;
  /** The version that the record must be at, as `If-Match`: the fence against others who decide at the same time. */
  ifMatch?: number;
  /** The record must not be there yet: the fence where two may make it at once. */
  mustBeNew?: boolean;
}

/**
 * A transaction of the system's own source: all of it or nothing. `id` is a UUID made from what it stands on, so that the
 * same decision, made again after a crash, is dropped. `actor` is who decided: a person, or the part of the system.
 * @throws TypeError for a resource that is no sound FHIR: what makes it is wrong.
 */
export function systemSubmission(asked: {
  actor: Actor;
  id: string;
  requestId: string;
  changes: readonly SystemChange[];
}): Submission {
  const { actor, id, requestId, changes } = asked;
  return {
    actor,
    source: SYSTEM,
    id,
    repeatable: true,
    requestId,
    kind: 'transaction',
    changes: changes.map((change, index) => toChange(change, index)),
  };
}

function toChange({ type, id, resource, kind, decision, ifMatch, mustBeNew }: SystemChange, index: number): Change {
  const text = Buffer.from(JSON.stringify(resource));
  const scanned = scanResource(text, { type });
  const [finding] = scanned.findings;
  if (finding)
    throw new TypeError(`the system made a ${type} that is not sound: ${finding.expression}: ${finding.message}`);
  return {
    index,
    method: 'PUT',
    type,
    id,
    url: `${type}/${id}`,
    fullUrl: undefined,
    text,
    links: [],
    facts: readFacts(
      type,
      resource,
      scanned.references.map((reference) => reference.value),
    ),
    patient: undefined,
    ifMatch: ifMatch === undefined ? undefined : String(ifMatch),
    ifNoneMatch: mustBeNew ? '*' : undefined,
    ifNoneExist: undefined,
    findings: undefined,
    ...(kind ? { kind } : {}),
    ...(decision ? { decision } : {}),
  };
}
